package io.github.tachyscope.diffusion.sd.text;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What a text encoder says about a batch of prompts.
 *
 * @param last token states after the last layer and the final norm, {@code [B, L, width]}
 * @param states token states before the first and after every layer, without the final norm
 * @param pooled state of each prompt's end token, {@code [B, width]}
 * @param textEmbeds projected pooled states, {@code [B, projection]}, if the encoder has a projection
 */
public record ClipTextOutput(Tensor last, List<Tensor> states, Tensor pooled, Optional<Tensor> textEmbeds) {

    /** Token states without the final norm, counted from the end: 1 is after the last layer, 2 the one before. */
    public Tensor fromEnd(int layers) {
        return states.get(states.size() - layers);
    }
}
