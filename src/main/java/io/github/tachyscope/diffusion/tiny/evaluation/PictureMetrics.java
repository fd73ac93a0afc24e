package io.github.tachyscope.diffusion.tiny.evaluation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Distances between pictures {@code [N, 3, H, W]} in [0, 1], one number per picture unless said otherwise. */
final class PictureMetrics {
    /** Standard deviation and reach of the window of SSIM (Wang et al. 2004) and of the edge maps. */
    private static final double WINDOW = 1.5;

    private static final int REACH = 5;
    private static final double LUMA_STABILISER = 1e-4;
    private static final double CONTRAST_STABILISER = 9e-4;
    private static final double GRADIENT_SHARE = 0.25;

    private PictureMetrics() {}

    /** Peak signal-to-noise ratio over all colours, in dB, {@code [N]}. */
    static Tensor psnr(Tensor a, Tensor b) {
        Tensor error = a.sub(b).square().mean(1, 2, 3).clamp_min(new Scalar(1e-10));
        return error.log10().mul(new Scalar(-10.0));
    }

    /** Structural similarity of luma, {@code [N]}. */
    static Tensor ssim(Tensor a, Tensor b) {
        Tensor x = luma(a);
        Tensor y = luma(b);
        Tensor meanX = blurred(x);
        Tensor meanY = blurred(y);
        Tensor varianceX = blurred(x.square()).sub(meanX.square());
        Tensor varianceY = blurred(y.square()).sub(meanY.square());
        Tensor covariance = blurred(x.mul(y)).sub(meanX.mul(meanY));
        Scalar luma = new Scalar(LUMA_STABILISER);
        Scalar contrast = new Scalar(CONTRAST_STABILISER);
        Scalar two = new Scalar(2.0);
        Tensor same =
                meanX.mul(meanY).mul(two).add(luma).mul(covariance.mul(two).add(contrast));
        Tensor all = meanX.square()
                .add(meanY.square())
                .add(luma)
                .mul(varianceX.add(varianceY).add(contrast));
        return same.div(all).mean(1, 2, 3);
    }

    /** Correlation of the edge maps, {@code [N]}. */
    static Tensor edgeCorrelation(Tensor a, Tensor b) {
        Tensor x = centred(edges(a));
        Tensor y = centred(edges(b));
        Tensor product = x.mul(y).sum(1);
        Tensor lengths = x.square().sum(1).mul(y.square().sum(1)).sqrt().clamp_min(new Scalar(1e-10));
        return product.div(lengths);
    }

    private static Tensor centred(Tensor map) {
        Tensor flat = map.flatten(1, -1);
        return flat.sub(flat.mean(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional()));
    }

    /** How differently two pictures are painted: colours of small squares and strength of gradients, {@code [N]}. */
    static Tensor styleDistance(Tensor a, Tensor b) {
        Tensor colours =
                torch.avg_pool2d(a, 2, 2).sub(torch.avg_pool2d(b, 2, 2)).abs();
        Tensor gradients = gradients(a).sub(gradients(b)).abs().mul(new Scalar(GRADIENT_SHARE));
        return torch.cat(new TensorVector(colours.flatten(1, -1), gradients.flatten(1, -1)), 1)
                .mean(1);
    }

    private static Tensor gradients(Tensor picture) {
        long height = picture.size(2) - 1;
        long width = picture.size(3) - 1;
        Tensor inner = picture.narrow(2, 0, height).narrow(3, 0, width);
        Tensor right = picture.narrow(2, 0, height).narrow(3, 1, width);
        Tensor below = picture.narrow(2, 1, height).narrow(3, 0, width);
        return right.sub(inner).abs().add(below.sub(inner).abs());
    }

    private static Tensor edges(Tensor picture) {
        Tensor grey = blurred(luma(picture));
        Tensor sobel = Tensor.create(new float[] {-1, 0, 1, -2, 0, 2, -1, 0, 1}, 1, 1, 3, 3);
        Tensor x = torch.conv2d(grey, sobel);
        Tensor y = torch.conv2d(grey, sobel.transpose(2, 3).contiguous());
        return x.square().add(y.square()).sqrt();
    }

    private static Tensor luma(Tensor picture) {
        Tensor shares = Tensor.create(new float[] {0.299f, 0.587f, 0.114f}, 1, 3, 1, 1);
        return picture.mul(shares).sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
    }

    private static Tensor blurred(Tensor grey) {
        float[] window = new float[2 * REACH + 1];
        float sum = 0;
        for (int i = 0; i < window.length; i++) {
            window[i] = (float) Math.exp(-(i - REACH) * (i - REACH) / (2 * WINDOW * WINDOW));
            sum += window[i];
        }
        for (int i = 0; i < window.length; i++) {
            window[i] /= sum;
        }
        Tensor padded = torch.reflection_pad2d(grey, REACH, REACH, REACH, REACH);
        Tensor rows = torch.conv2d(padded, Tensor.create(window, 1, 1, 1, window.length));
        return torch.conv2d(rows, Tensor.create(window, 1, 1, window.length, 1));
    }
}
