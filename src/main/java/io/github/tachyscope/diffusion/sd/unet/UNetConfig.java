package io.github.tachyscope.diffusion.sd.unet;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.List;
import java.util.Optional;

/**
 * The form of a denoiser, as {@code unet/config.json} gives it.
 *
 * @param inChannels of the latent
 * @param outChannels of the prediction
 * @param levels from the finest to the coarsest
 * @param crossWidth width of the prompt's token states
 * @param groups of the group norms
 * @param eps of the group norms
 * @param linearProjection whether transformers project by matrix instead of 1x1 convolution
 * @param scaleShift whether the time embedding scales and shifts the normalised features, instead of being added
 * @param cosineFirst order of the time sinusoid's halves
 * @param frequencyShift of the time sinusoid
 * @param addedTime SDXL's conditioning on sizes and a pooled prompt, if the model has it
 * @param pooledWidth width of a pooled prompt that is projected onto the time embedding, if the model takes one
 */
public record UNetConfig(
        int inChannels,
        int outChannels,
        List<Level> levels,
        int crossWidth,
        int groups,
        double eps,
        boolean linearProjection,
        boolean scaleShift,
        boolean cosineFirst,
        double frequencyShift,
        Optional<AddedTime> addedTime,
        Optional<Integer> pooledWidth) {

    /**
     * One resolution.
     *
     * @param channels width of its features
     * @param resnets number of ResNet blocks on the way down; one more on the way up
     * @param crossDown whether the way down attends to the prompt
     * @param crossUp whether the way up does
     * @param transformers layers per attention
     * @param heads of an attention, each {@code channels / heads} wide
     */
    public record Level(int channels, int resnets, boolean crossDown, boolean crossUp, int transformers, int heads) {}

    /**
     * @param width of one number's sinusoid
     * @param inputWidth of the pooled prompt and all sinusoids together
     */
    public record AddedTime(int width, int inputWidth) {}

    /** Width of the time embedding. */
    int timeWidth() {
        return 4 * levels.get(0).channels();
    }

    /** @throws WeightsRejected if the configuration asks for something unsupported; the message names the key */
    public static UNetConfig read(JsonNode config) {
        return new UNetConfigReader(config).read();
    }
}
