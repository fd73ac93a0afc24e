package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;

/** The text encoders of a model. Used by the text lane only. */
public interface Texts extends AutoCloseable {
    /**
     * @param weighting whether the prompt's syntax counts; else it means itself
     * @param clipSkip layers that are left out at the end
     */
    HeapEmbedding encode(String text, boolean weighting, int clipSkip);

    /** How many layers can be left out. */
    int mostSkipped();

    /** The encoders' weights have changed. */
    void forget();

    @Override
    void close();
}
