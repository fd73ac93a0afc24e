package io.github.tachyscope.diffusion.tiny.training;

import java.util.SplittableRandom;

/** What is trained at the moment: a loss to compute and parameters to move. */
interface Stage {
    /** Names its checkpoints. */
    String name();

    /** Once per step, before the workers run: what all of them must agree on. */
    void begin(SplittableRandom random, double progress);

    /**
     * The loss of one worker's batch.
     *
     * @param random of this step and worker
     */
    Losses loss(SplittableRandom random);

    /** Moves the parameters after the workers ran. */
    void move(Optimizer optimizer);

    /** Number of pictures in one worker's batch of this step. */
    int batch();
}
