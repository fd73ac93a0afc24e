package io.github.tachyscope.diffusion.sd.text;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A prompt as the denoiser gets it.
 *
 * @param states {@code [1, L, C]}; L is the encoders' number of positions, or a multiple of it
 * @param pooled {@code [1, P]}, for denoisers with two text encoders
 * @param notices what the author of the prompt should know, fit for the client
 */
public record PromptEmbedding(Tensor states, Optional<Tensor> pooled, List<String> notices) {}
