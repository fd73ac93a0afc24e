package io.github.tachyscope.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The number format a model computes in. */
public enum Precision {
    FP32(ScalarType.Float, 4),
    FP16(ScalarType.Half, 2),
    BF16(ScalarType.BFloat16, 2);

    private final ScalarType type;
    private final int bytes;

    Precision(ScalarType type, int bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    /** As configuration and clients write it, such as {@code bf16}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public ScalarType type() {
        return type;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }
}
