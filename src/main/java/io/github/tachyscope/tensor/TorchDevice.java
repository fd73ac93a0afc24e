package io.github.tachyscope.tensor;

/**
 * Something that computes.
 *
 * @param name unique on this machine, {@code cpu} or {@code cuda:<index>}
 * @param description for people
 * @param totalBytes what tensors may take here, all together
 * @param freeBytes what of it was free when somebody looked
 * @param fastBf16 whether it computes in bf16 faster than in fp32
 */
public record TorchDevice(
        String name, Kind kind, String description, long totalBytes, long freeBytes, boolean fastBf16) {
    public enum Kind {
        CPU,
        CUDA
    }

    /** The fastest that is exact enough for pictures. Processors are slow in fp16. */
    public Precision bestPrecision() {
        if (kind == Kind.CUDA) {
            return Precision.FP16;
        }
        return fastBf16 ? Precision.BF16 : Precision.FP32;
    }
}
