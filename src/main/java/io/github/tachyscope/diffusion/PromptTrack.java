package io.github.tachyscope.diffusion;

/**
 * The prompt embedding of a generation from chunk to chunk, an immutable value.
 *
 * <pre>
 *   resting --transit(n >= 2)--> moving --advance x (n-1)--> resting at the target
 *   moving  --jump or transit--> resting, or moving from the present point
 * </pre>
 *
 * <p>The first chunk of a transition still shows its source, the last one its target. One that leaves its source behind
 * at once shows {@code k/n} of the way at its k-th chunk of n instead.
 */
public final class PromptTrack {
    /** Nearer embeddings look the same: the target is taken at once. */
    private static final double SAME = 0.01;

    private final float[] source;
    private final float[] target;
    private final int position;
    private final int chunks;
    private final boolean slerp;
    private final int features;

    private PromptTrack(float[] source, float[] target, int position, int chunks, boolean slerp, int features) {
        this.source = source;
        this.target = target;
        this.position = position;
        this.chunks = chunks;
        this.slerp = slerp;
        this.features = features;
    }

    public static PromptTrack at(float[] embedding, int features) {
        return new PromptTrack(embedding, embedding, 0, 1, false, features);
    }

    /** Cancels a transition and takes the embedding at once. */
    public PromptTrack jump(float[] embedding) {
        return at(embedding, features);
    }

    /** Moves to {@code to} over so many chunks, from the present point. */
    public PromptTrack transit(float[] to, int overChunks, boolean spherical) {
        float[] here = present();
        if (overChunks <= 1 || PromptBlend.distance(here, to) < SAME) {
            return at(to, features);
        }
        return new PromptTrack(here, to, 0, overChunks, spherical, features);
    }

    /**
     * Moves to {@code to} over so many chunks, of which the first has already left: it shows one part of the way from
     * what the chunk before it showed.
     */
    public PromptTrack leave(float[] to, int overChunks, boolean spherical) {
        float[] shown = position > 0 ? at(position - 1) : present();
        if (overChunks <= 1 || PromptBlend.distance(shown, to) < SAME) {
            return at(to, features);
        }
        return new PromptTrack(shown, to, 1, overChunks + 1, spherical, features);
    }

    public boolean moving() {
        return chunks > 1;
    }

    /** What the present chunk is made from. */
    public float[] present() {
        return moving() ? at(position) : target;
    }

    private float[] at(int chunk) {
        double t = (double) chunk / (chunks - 1);
        return slerp ? PromptBlend.slerp(source, target, t, features) : PromptBlend.lerp(source, target, t);
    }

    /** The track after one more chunk. */
    public PromptTrack advance() {
        if (!moving()) {
            return this;
        }
        return position + 1 >= chunks
                ? at(target, features)
                : new PromptTrack(source, target, position + 1, chunks, slerp, features);
    }

    /** Ends a transition at its target, as a new start of the cache does. */
    public PromptTrack forgetTransition() {
        return at(target, features);
    }
}
