package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The time embedding as every ResNet block sees it, for one timestep and prompt per row.
 *
 * @param projections {@code [B, C, 1, 1]} for each block, {@code [B, 2C, 1, 1]} if it scales and shifts; in the order of
 *     the network
 */
public record TimeConditioning(List<Tensor> projections) {

    /** The rows of several timesteps or prompts, one after the other. */
    public static TimeConditioning cat(List<TimeConditioning> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        return new TimeConditioning(IntStream.range(0, parts.get(0).projections.size())
                .mapToObj(block -> torch.cat(
                        new TensorVector(parts.stream()
                                .map(part -> part.projections.get(block))
                                .toArray(Tensor[]::new)),
                        0))
                .toList());
    }

    /** Lets it outlive the present scope, until {@link #release}. */
    public TimeConditioning keep() {
        projections.forEach(TensorScope::keep);
        return this;
    }

    /** Ends what {@link #keep} began. */
    public void release() {
        projections.forEach(TensorScope::release);
    }
}
