package io.github.tachyscope.diffusion.tiny.style;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A batch of pictures or of grey layers, [N,C,H,W], with arithmetic that reads like the formulas of the filters.
 *
 * <p>A layer of one channel or one row broadcasts over a picture, as tensors do. No method changes its operands.
 */
record Canvas(Tensor pixels) {
    /** Runs work in its own scope, so that only its result outlives it; the result belongs to the caller's scope. */
    @SuppressWarnings("try")
    static Canvas scoped(Supplier<Canvas> work) {
        Tensor result;
        try (PointerScope scope = new PointerScope()) {
            result = work.get().pixels;
            result.retainReference();
        }
        PointerScope caller = PointerScope.getInnerScope();
        if (caller != null) {
            caller.attach(result);
            result.releaseReference();
        }
        return new Canvas(result);
    }

    static Canvas ofColours(Canvas red, Canvas green, Canvas blue) {
        return new Canvas(torch.cat(new TensorVector(red.pixels, green.pixels, blue.pixels), 1));
    }

    int height() {
        return (int) pixels.size(2);
    }

    int width() {
        return (int) pixels.size(3);
    }

    /** Values of a small constant on the device and in the type of this canvas. */
    Canvas constant(float[] values, long... shape) {
        return new Canvas(Tensor.create(values, shape).to(pixels));
    }

    /** One colour, to be broadcast over a picture or a layer. */
    Canvas colour(double red, double green, double blue) {
        return constant(new float[] {(float) red, (float) green, (float) blue}, 1, 3, 1, 1);
    }

    Canvas channel(int index) {
        return new Canvas(pixels.narrow(1, index, 1));
    }

    Canvas luma() {
        Tensor sum = pixels.narrow(1, 0, 1).mul(new Scalar(0.299));
        sum.add_(pixels.narrow(1, 1, 1), new Scalar(0.587));
        sum.add_(pixels.narrow(1, 2, 1), new Scalar(0.114));
        return new Canvas(sum);
    }

    Canvas plus(Canvas other) {
        return new Canvas(pixels.add(other.pixels));
    }

    Canvas plus(double value) {
        return new Canvas(pixels.add(new Scalar(value)));
    }

    Canvas minus(Canvas other) {
        return new Canvas(pixels.sub(other.pixels));
    }

    Canvas times(Canvas other) {
        return new Canvas(pixels.mul(other.pixels));
    }

    Canvas times(double value) {
        return new Canvas(pixels.mul(new Scalar(value)));
    }

    Canvas over(Canvas other) {
        return new Canvas(pixels.div(other.pixels));
    }

    Canvas power(double exponent) {
        return new Canvas(pixels.pow(new Scalar(exponent)));
    }

    Canvas squared() {
        return new Canvas(pixels.square());
    }

    Canvas root() {
        return new Canvas(pixels.sqrt());
    }

    Canvas exponential() {
        return new Canvas(pixels.exp());
    }

    Canvas sigmoid() {
        return new Canvas(pixels.sigmoid());
    }

    Canvas floor() {
        return new Canvas(pixels.floor());
    }

    /** 1 - x. */
    Canvas inverted() {
        return times(-1).plus(1);
    }

    Canvas atLeast(double low) {
        return new Canvas(pixels.clamp_min(new Scalar(low)));
    }

    Canvas atMost(double high) {
        return new Canvas(pixels.clamp_max(new Scalar(high)));
    }

    Canvas clip() {
        return new Canvas(pixels.clamp(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(1.0))));
    }

    Canvas lighterOf(Canvas other) {
        return new Canvas(pixels.maximum(other.pixels));
    }

    Canvas darkerOf(Canvas other) {
        return new Canvas(pixels.minimum(other.pixels));
    }

    /** This canvas where the share is 0, the other where it is 1. */
    Canvas mix(Canvas other, double share) {
        return plus(other.minus(this).times(share));
    }

    Canvas mix(Canvas other, Canvas share) {
        return plus(other.minus(this).times(share));
    }
}
