package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the denoiser computes. */
public enum Acceleration {
    /** Kernels as they are stored, in the device's precision. */
    NONE,
    /** Kernels with the channels last, which most processors and GPUs convolve faster; the same numbers but for rounding. */
    CHANNELS_LAST,
    /** The same, and all networks in bfloat16. */
    BF16;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> wireNames() {
        return Arrays.stream(values()).map(Acceleration::wireName).toList();
    }

    public static Acceleration of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    Placement placement(Placement given) {
        if (this == BF16) {
            return given.with(Precision.BF16);
        }
        // Processors are slow in fp16.
        return given.onCpu() && given.precision() == Precision.FP16 ? given.with(Precision.FP32) : given;
    }
}
