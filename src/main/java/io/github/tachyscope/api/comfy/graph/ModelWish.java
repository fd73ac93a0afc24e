package io.github.tachyscope.api.comfy.graph;

import java.util.List;
import java.util.Optional;

/**
 * The model that a sampler asks for, by the names in the graph.
 *
 * @param loader id of the node that loads the weights
 * @param checkpoint whole model; empty if its parts are named one by one
 * @param unet weights, if there is no checkpoint
 * @param clip text encoder, if there is no checkpoint
 * @param vae autoencoder; empty for the one in the checkpoint
 * @param loras in the order in which they are put on
 * @param shift of the noise schedule, if asked for
 * @param prediction what the model is said to predict ({@code eps}, {@code v_prediction}, {@code lcm}, {@code x0}); empty for what it says itself
 * @param zeroTerminalSnr whether the schedule ends in pure noise
 */
public record ModelWish(
        Kind kind,
        String loader,
        Optional<String> checkpoint,
        Optional<String> unet,
        Optional<String> clip,
        Optional<String> vae,
        List<Lora> loras,
        Optional<Double> shift,
        Optional<String> prediction,
        boolean zeroTerminalSnr) {
    /** What a model makes. */
    public enum Kind {
        /** Pictures: the Stable Diffusion family. */
        SD,
        /** Videos: Wan. */
        WAN
    }

    /**
     * A LoRA to put on.
     *
     * @param node id of the node that loads it
     * @param model strength in the weights
     * @param clip strength in the text encoder
     */
    public record Lora(String node, String file, double model, double clip) {}

    public ModelWish {
        loras = List.copyOf(loras);
    }
}
