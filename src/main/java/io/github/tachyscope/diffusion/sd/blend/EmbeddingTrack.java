package io.github.tachyscope.diffusion.sd.blend;

import io.github.tachyscope.diffusion.PromptTrack;
import java.util.Optional;

/**
 * The embedded prompt of a stream from frame to frame, an immutable value: a {@link PromptTrack} for the token states and
 * one for the pooled state, which go together.
 */
public final class EmbeddingTrack {
    private final PromptTrack states;
    private final Optional<PromptTrack> pooled;
    private final HeapEmbedding form;

    private EmbeddingTrack(PromptTrack states, Optional<PromptTrack> pooled, HeapEmbedding form) {
        this.states = states;
        this.pooled = pooled;
        this.form = form;
    }

    public static EmbeddingTrack at(HeapEmbedding embedding) {
        return new EmbeddingTrack(
                PromptTrack.at(embedding.stateNumbers(), embedding.features()),
                embedding.pooledNumbers().map(pooled -> PromptTrack.at(pooled, pooled.length)),
                embedding);
    }

    /** Cancels a transition and takes the embedding at once. */
    public EmbeddingTrack jump(HeapEmbedding embedding) {
        return at(embedding);
    }

    /** Moves to {@code to} over so many frames, from the present point; jumps if the two have different forms. */
    public EmbeddingTrack transit(HeapEmbedding to, int overFrames, boolean slerp) {
        if (!form.hasFormOf(to)) {
            return at(to);
        }
        return new EmbeddingTrack(
                states.transit(to.stateNumbers(), overFrames, slerp),
                pooled.map(track -> track.transit(to.pooledNumbers().orElseThrow(), overFrames, slerp)),
                form);
    }

    public boolean moving() {
        return states.moving() || pooled.map(PromptTrack::moving).orElse(false);
    }

    /** What the present frame is made from. */
    public HeapEmbedding present() {
        return HeapEmbedding.of(states.present(), form.features(), pooled.map(PromptTrack::present));
    }

    /** The track after one more frame. */
    public EmbeddingTrack advance() {
        return moving() ? new EmbeddingTrack(states.advance(), pooled.map(PromptTrack::advance), form) : this;
    }

    /** Ends a transition at its target. */
    public EmbeddingTrack forgetTransition() {
        return new EmbeddingTrack(states.forgetTransition(), pooled.map(PromptTrack::forgetTransition), form);
    }
}
