package io.github.tachyscope.diffusion.tiny.training;

import java.util.List;

/**
 * Moves parameters after all workers' gradients were added up.
 *
 * @param method decays
 * @param step number of the step, from 0
 * @param rate learning rate
 * @param workers whose gradients were added
 * @param averaging decay of the running averages
 */
record Optimizer(Trained.AdamW method, long step, double rate, int workers, double averaging) {
    /** Longest gradient, over all parameters of a stage; longer ones are shortened to it. */
    private static final double CLIP = 1;

    void move(List<Trained> parts) {
        double length =
                Math.sqrt(parts.stream().mapToDouble(Trained::squaredGradient).sum()) / workers;
        if (!Double.isFinite(length)) {
            throw new IllegalStateException("the gradients are no longer finite at step " + step);
        }
        double scale = Math.min(1, CLIP / Math.max(length, 1e-12)) / workers;
        parts.forEach(part -> part.step(method, step, rate, scale, averaging));
    }
}
