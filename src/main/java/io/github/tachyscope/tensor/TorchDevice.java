package io.github.tachyscope.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

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

    /** For people, such as {@code cpu: AMD EPYC 7763, 2 processors, 7.5 GiB for models, fast in fp32}. */
    public String summary() {
        String formats = fastFormats().stream().map(Precision::wireName).collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s: %s, %.1f GiB for models, fast in %s",
                name,
                description,
                totalBytes / 1073741824.0,
                formats);
    }

    /** Formats without a penalty for using them, the fastest first. Processors are slow in fp16. */
    public List<Precision> fastFormats() {
        List<Precision> formats = new ArrayList<>();
        if (kind == Kind.CUDA) {
            formats.add(Precision.FP16);
        }
        if (fastBf16) {
            formats.add(Precision.BF16);
        }
        formats.add(Precision.FP32);
        return formats;
    }

    /** The fastest that is exact enough for pictures. */
    public Precision bestPrecision() {
        return fastFormats().get(0);
    }
}
