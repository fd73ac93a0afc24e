package io.github.tachyscope.diffusion.tiny.style;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Neighbourhood operations of the styles, all with reflected borders.
 *
 * <p>Window sums are sums of shifted views: on one thread that is faster than a convolution of one to four channels, and
 * no global precision setting touches it.
 */
final class Filters {
    private Filters() {}

    /** A gradient in steps of two pixels, positive to the right and downwards. */
    record Gradient(Canvas x, Canvas y) {
        Canvas magnitude() {
            return x.squared().plus(y.squared()).root();
        }
    }

    /** Gaussian blur with a standard deviation in pixels. */
    static Canvas blur(Canvas canvas, double sigma) {
        int reach = (int) Math.ceil(2.7 * sigma);
        double[] weights = new double[2 * reach + 1];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(-(i - reach) * (i - reach) / (2 * sigma * sigma));
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return Canvas.scoped(() -> {
            Tensor padded = torch.reflection_pad2d(canvas.pixels(), reach, reach, reach, reach);
            return new Canvas(shiftedSum(shiftedSum(padded, 2, weights), 3, weights));
        });
    }

    /**
     * Smoothed Kuwahara filter: the means of the four windows that have the pixel in a corner, weighted against their
     * variance. It flattens areas and keeps edges; the radius is the side of a window.
     */
    static Canvas kuwahara(Canvas canvas, int radius) {
        double[] box = new double[radius + 1];
        Arrays.fill(box, 1.0 / box.length);
        return Canvas.scoped(() -> {
            Canvas padded = new Canvas(torch.reflection_pad2d(canvas.pixels(), radius, radius, radius, radius));
            Tensor moments = torch.cat(
                    new TensorVector(padded.pixels(), padded.luma().squared().pixels()), 1);
            moments = shiftedSum(shiftedSum(moments, 2, box), 3, box);
            Canvas mean = new Canvas(moments.narrow(1, 0, 3));
            Canvas variance = new Canvas(moments.narrow(1, 3, 1))
                    .minus(mean.luma().squared())
                    .atLeast(0);
            Tensor weight = variance.times(2601).plus(0.05).power(-2).pixels();
            Tensor weighted = torch.cat(new TensorVector(mean.pixels().mul(weight), weight), 1);
            Canvas sum = new Canvas(corners(weighted, radius, canvas.height(), canvas.width()));
            return new Canvas(sum.pixels().narrow(1, 0, 3))
                    .over(new Canvas(sum.pixels().narrow(1, 3, 1)));
        });
    }

    /** Sobel gradient of a grey layer, divided by 4: a step from black to white gives 1. */
    static Gradient gradient(Canvas grey) {
        double[] smooth = {0.25, 0.5, 0.25};
        double[] step = {-1, 0, 1};
        Tensor padded = torch.reflection_pad2d(grey.pixels(), 1, 1, 1, 1);
        return new Gradient(
                new Canvas(shiftedSum(shiftedSum(padded, 2, smooth), 3, step)),
                new Canvas(shiftedSum(shiftedSum(padded, 3, smooth), 2, step)));
    }

    /** Edge strength of a grey layer blurred by sigma. */
    static Canvas edges(Canvas grey, double sigma) {
        return Canvas.scoped(() -> gradient(blur(grey, sigma)).magnitude());
    }

    /** Edges as ink: 0 below the threshold, soon 1 above it. */
    static Canvas lines(Canvas edges, double gain, double threshold) {
        return edges.plus(-threshold).atLeast(0).times(-gain).exponential().inverted();
    }

    /** Difference of Gaussians on the dark side of edges: thin strokes where a pen would draw. */
    static Canvas darkSide(Canvas grey, double sigma, double gain, double threshold) {
        return Canvas.scoped(() -> blur(grey, 1.6 * sigma)
                .minus(blur(grey, sigma))
                .plus(-threshold)
                .times(gain)
                .clip());
    }

    /** The mean of each block of the given size, painted over the whole block. */
    static Canvas blocks(Canvas canvas, int size) {
        return enlarge(new Canvas(torch.avg_pool2d(canvas.pixels(), size, size)), size);
    }

    /** Each pixel repeated as a square block. */
    static Canvas enlarge(Canvas small, int size) {
        Tensor pixels = small.pixels();
        long n = pixels.size(0);
        long c = pixels.size(1);
        long h = pixels.size(2);
        long w = pixels.size(3);
        return new Canvas(
                pixels.view(n, c, h, 1, w, 1).expand(n, c, h, size, w, size).reshape(n, c, h * size, w * size));
    }

    /** The picture moved to the right by whole pixels, negative to the left; the border is reflected into the gap. */
    static Canvas moved(Canvas canvas, int pixels) {
        int gap = Math.abs(pixels);
        Tensor padded = torch.reflection_pad2d(canvas.pixels(), gap, gap, 0, 0);
        return new Canvas(padded.narrow(3, gap - pixels, canvas.width()));
    }

    private static Tensor shiftedSum(Tensor padded, int dimension, double[] weights) {
        long size = padded.size(dimension) - weights.length + 1;
        Tensor sum = padded.narrow(dimension, 0, size).mul(new Scalar(weights[0]));
        for (int i = 1; i < weights.length; i++) {
            if (weights[i] != 0) {
                sum.add_(padded.narrow(dimension, i, size), new Scalar(weights[i]));
            }
        }
        return sum;
    }

    private static Tensor corners(Tensor windows, int radius, int height, int width) {
        Tensor rows = windows.narrow(2, 0, height).add(windows.narrow(2, radius, height));
        return rows.narrow(3, 0, width).add(rows.narrow(3, radius, width));
    }
}
