package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * All that a denoiser needs of a prompt: keys and values of every attention to it, and its share of the time embedding.
 *
 * <p>Rows are prompts of a batch. Depends on the prompt alone, so it is computed once and {@linkplain #keep kept}.
 *
 * @param attentions in the order of the network
 * @param addition to the time embedding, {@code [B, 4 C_0]}, if the model has any
 */
public record Conditioning(List<KeysAndValues> attentions, Optional<Tensor> addition) {

    /** Both {@code [B, heads, L, width]}. */
    record KeysAndValues(Tensor keys, Tensor values) {}

    /** The rows of several prompts, one after the other. */
    public static Conditioning cat(List<Conditioning> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        List<KeysAndValues> joined = new ArrayList<>();
        for (int i = 0; i < parts.get(0).attentions.size(); i++) {
            int attention = i;
            joined.add(new KeysAndValues(
                    rows(parts.stream()
                            .map(part -> part.attentions.get(attention).keys())
                            .toList()),
                    rows(parts.stream()
                            .map(part -> part.attentions.get(attention).values())
                            .toList())));
        }
        Optional<Tensor> addition = parts.get(0)
                .addition
                .map(first -> rows(
                        parts.stream().map(part -> part.addition.orElseThrow()).toList()));
        return new Conditioning(joined, addition);
    }

    private static Tensor rows(List<Tensor> parts) {
        return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
    }

    /** Lets it outlive the present scope, until {@link #release}. */
    public Conditioning keep() {
        tensors(TensorScope::keep);
        return this;
    }

    /** Ends what {@link #keep} began. */
    public void release() {
        tensors(TensorScope::release);
    }

    private void tensors(Consumer<Tensor> action) {
        attentions.forEach(attention -> {
            action.accept(attention.keys());
            action.accept(attention.values());
        });
        addition.ifPresent(action);
    }
}
