package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * What a training run is asked to do.
 *
 * @param folder holds scenes, checkpoints, samples and the exported model
 * @param scenes number of scenes to draw
 * @param autoencoder budget of the first stage
 * @param denoiser budget of the second stage
 * @param batches what a step consists of
 * @param seed of everything
 * @param placement of the networks
 * @param part what of it is done this time
 * @param extend whether a stage that left its plateau under another budget goes on from the plateau's end
 */
public record TrainingPlan(
        Path folder,
        int scenes,
        Budget autoencoder,
        Budget denoiser,
        Batches batches,
        long seed,
        Placement placement,
        Part part,
        boolean extend) {

    /** Parts of a run, of which each needs the ones before. */
    public enum Part {
        ALL,
        AUTOENCODER,
        DENOISER,
        /** Only writes the model folder from the newest checkpoint. */
        EXPORT
    }

    /**
     * What a step consists of.
     *
     * @param pictures of 96 x 96 pixels in one worker's batch; larger pictures come in smaller batches
     * @param side of all pictures in pixels, a multiple of 16; else 96 and 128, and whole scenes for the denoiser
     * @param workers threads that train
     * @param bf16 whether products are computed in bf16
     */
    public record Batches(int pictures, OptionalInt side, int workers, boolean bf16) {
        private static final int USUAL_SIDE = 96;

        /** How many pictures of a side come instead. */
        int size(int side) {
            return Math.max(1, pictures * USUAL_SIDE * USUAL_SIDE / (side * side));
        }
    }

    /**
     * How long a stage trains, over all runs together: whichever ends first.
     *
     * @param minutes of training
     * @param steps of all workers together
     */
    public record Budget(double minutes, long steps) {
        /** Spent share, 0 to 1. */
        double progress(double spentMinutes, long step) {
            return Math.min(1, Math.max(spentMinutes / minutes, (double) step / steps));
        }
    }
}
