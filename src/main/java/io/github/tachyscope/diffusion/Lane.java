package io.github.tachyscope.diffusion;

/** The class of thread (on a GPU: stream) of a device that a step needs. Steps on different lanes may overlap. */
public enum Lane {
    /** Prompt encoding. */
    TEXT,
    /** Picture to latent and back. */
    CODEC,
    /** The denoiser itself and its caches. */
    DENOISE
}
