package io.github.tachyscope.api.comfy.graph;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a server has for graphs to choose from, by the names that graphs write.
 *
 * @param checkpoints whole models: weights, text encoder and autoencoder in one
 * @param unets weights alone
 * @param clips text encoders
 * @param vaes autoencoders
 * @param loras files of LoRAs
 * @param pictures to list in the folder of inputs; others may be there too
 * @param samplers names of samplers that can run
 * @param schedulers names of noise schedules that can run
 * @param picture what tells the contents of a picture from those it had before, by its name in a graph (which may name
 *     a folder, as in {@code cat.png [output]}); empty if there is no such picture
 */
public record Offer(
        List<String> checkpoints,
        List<String> unets,
        List<String> clips,
        List<String> vaes,
        List<String> loras,
        List<String> pictures,
        List<String> samplers,
        List<String> schedulers,
        Function<String, Optional<String>> picture) {
    public Offer {
        checkpoints = List.copyOf(checkpoints);
        unets = List.copyOf(unets);
        clips = List.copyOf(clips);
        vaes = List.copyOf(vaes);
        loras = List.copyOf(loras);
        pictures = List.copyOf(pictures);
        samplers = List.copyOf(samplers);
        schedulers = List.copyOf(schedulers);
    }
}
