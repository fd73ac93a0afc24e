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
    /** Can work on smaller pictures inside, see {@link Economy}. */
    SMALLER_PICTURES
}
