package io.github.tachyscope.diffusion;

/** What a pipeline supports beyond making pictures; each becomes a {@code supports_*} flag of its schema. */
public enum Capability {
    PROMPTS,
    LORA,
    VACE,
    CACHE_MANAGEMENT,
    KV_CACHE_BIAS,
    QUANTIZATION,
    /** Can make do with fewer denoising steps, see {@link Economy}. */
    FEWER_STEPS,
    /** Can make do with smaller pictures, see {@link Economy}. */
    SMALLER_PICTURES,
    /** Each run may have a size of its own, see {@link Pipeline#open}. */
    RUN_SIZES,
    /** Shows its estimates while it denoises if {@link PreviewMethod} asks for it. */
    PREVIEWS
}
