package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;

/**
 * What a training run is asked to do.
 *
 * @param folder holds scenes, checkpoints, samples and the exported model
 * @param scenes number of scenes to draw
 * @param autoencoder budget of the first stage
 * @param denoiser budget of the second stage
 * @param batch pictures of 96 x 96 pixels in one worker's batch; larger pictures come in smaller batches
 * @param workers threads that train
 * @param bf16 whether products are computed in bf16
 * @param seed of everything
 * @param placement of the networks
 * @param extend whether the denoiser goes on from the end of its plateau, for a larger budget than last time
 */
public record TrainingPlan(
        Path folder,
        int scenes,
        Budget autoencoder,
        Budget denoiser,
        int batch,
        int workers,
        boolean bf16,
        long seed,
        Placement placement,
        boolean extend) {

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
