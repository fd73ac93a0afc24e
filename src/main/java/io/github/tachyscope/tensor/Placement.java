package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a model's tensors live and in which format.
 *
 * @param device {@code cpu} or {@code cuda:<index>}
 * @param precision of weights and activations
 */
public record Placement(String device, Precision precision) {
    public static final Placement CPU = new Placement("cpu", Precision.FP32);

    public Placement with(Precision other) {
        return new Placement(device, other);
    }

    public boolean onCpu() {
        return device.equals("cpu");
    }

    /** Options for new tensors here, in this precision. */
    public TensorOptions options() {
        return options(precision.type());
    }

    /** Options for new tensors here, of another type (indices, masks, fp32 tables). */
    public TensorOptions options(ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(new Device(device)));
    }

    /** {@code tensor} here and in this precision; the same storage if it is already. */
    public Tensor place(Tensor tensor) {
        return tensor.to(options(), false, false, new MemoryFormatOptional());
    }

    /** {@code tensor} here, in another type (indices, masks, fp32 tables). */
    public Tensor place(Tensor tensor, ScalarType type) {
        return tensor.to(options(type), false, false, new org.bytedeco.pytorch.MemoryFormatOptional());
    }
}
