package io.github.tachyscope.diffusion.sd.sampling;

/**
 * Skips frames that look like the last processed one (StreamDiffusion's stochastic similarity filter): the more alike,
 * the more probable. The caller shows its last output again.
 *
 * <p>Not thread-safe; holds plain numbers of the frame, no tensors.
 */
public final class SimilarFrames {
    private final double threshold;
    private final int maxSkips;
    private final boolean consecutive;
    private float[] processed = new float[0];
    private int skipped;

    /**
     * @param threshold cosine similarity from which on frames are skipped; 1 skips none
     * @param maxSkips after more than this many skips a frame is processed whatever it looks like
     * @param consecutive whether a processed frame resets the count of skips; the reference does not
     */
    public SimilarFrames(double threshold, int maxSkips, boolean consecutive) {
        this.threshold = threshold;
        this.maxSkips = maxSkips;
        this.consecutive = consecutive;
    }

    /**
     * Probability of skipping {@code frame}, 0 to 1.
     *
     * @param frame numbers in [-1, 1]; as many as the frame before had, else it counts as the first
     */
    public double skipProbability(float[] frame) {
        if (processed.length != frame.length || threshold >= 1) {
            return 0;
        }
        double dot = 0;
        double here = 0;
        double before = 0;
        for (int i = 0; i < frame.length; i++) {
            dot += (double) frame[i] * processed[i];
            here += (double) frame[i] * frame[i];
            before += (double) processed[i] * processed[i];
        }
        double cosine = dot / Math.max(Math.sqrt(here) * Math.sqrt(before), 1e-6);
        return Math.max(0, 1 - (1 - cosine) / (1 - threshold));
    }

    /**
     * What is to become of a frame; {@link #remember} makes it so.
     *
     * @param skipped count of skips afterwards
     */
    public record Decision(boolean skip, int skipped) {}

    /**
     * Decides about the next frame and changes nothing.
     *
     * @param uniform a random number in [0, 1)
     */
    public Decision decide(float[] frame, double uniform) {
        if (processed.length != frame.length) {
            return new Decision(false, skipped);
        }
        boolean alike = skipProbability(frame) >= uniform;
        // The reference lets a frame more through than its name says; counted anew after every frame, it must not.
        if (alike && (consecutive ? skipped < maxSkips : skipped <= maxSkips)) {
            return new Decision(true, skipped + 1);
        }
        return new Decision(false, consecutive || alike ? 0 : skipped);
    }

    /** Makes a decision part of the state. */
    public void remember(float[] frame, Decision decision) {
        skipped = decision.skipped;
        if (!decision.skip) {
            processed = frame.clone();
        }
    }

    /** Decides about the next frame and remembers it; see {@link #decide}. */
    public boolean skips(float[] frame, double uniform) {
        Decision decision = decide(frame, uniform);
        remember(frame, decision);
        return decision.skip;
    }

    /** The same memory with other limits. */
    public SimilarFrames with(double otherThreshold, int otherMaxSkips) {
        SimilarFrames adjusted = new SimilarFrames(otherThreshold, otherMaxSkips, consecutive);
        adjusted.processed = processed;
        adjusted.skipped = skipped;
        return adjusted;
    }
}
