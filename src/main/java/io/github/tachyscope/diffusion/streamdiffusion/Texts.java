package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;

/** The text encoders of a model. Used by the text lane only. */
interface Texts extends AutoCloseable {
    /** @param weighting whether the prompt's syntax counts; else it means itself */
    HeapEmbedding encode(String text, boolean weighting);

    /** The encoders' weights have changed. */
    void forget();

    @Override
    void close();
}
