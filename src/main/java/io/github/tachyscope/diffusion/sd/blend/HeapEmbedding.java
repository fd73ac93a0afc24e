package io.github.tachyscope.diffusion.sd.blend;

import io.github.tachyscope.diffusion.PromptBlend;
import io.github.tachyscope.diffusion.sd.text.PromptEmbedding;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An embedded prompt outside native memory: small, free of scopes and precisions, and what the arithmetic of transitions
 * works on. Immutable.
 */
public final class HeapEmbedding {
    private final float[] states;
    private final int features;
    private final Optional<float[]> pooled;

    private HeapEmbedding(float[] states, int features, Optional<float[]> pooled) {
        this.states = states;
        this.features = features;
        this.pooled = pooled;
    }

    /** A copy. */
    public static HeapEmbedding of(PromptEmbedding embedding) {
        return new HeapEmbedding(
                numbers(embedding.states()),
                (int) embedding.states().size(2),
                embedding.pooled().map(HeapEmbedding::numbers));
    }

    static HeapEmbedding of(float[] states, int features, Optional<float[]> pooled) {
        return new HeapEmbedding(states, features, pooled);
    }

    /**
     * Several prompts as one; the pooled states mix with the same weights.
     *
     * @param weights at least 0; their sum does not matter, all 0 means equal
     * @param slerp along the arc, if there are exactly two prompts
     * @throws IllegalArgumentException if the embeddings have different forms, see
     *     {@link io.github.tachyscope.diffusion.sd.text.PromptEncoder#equalLength}
     */
    public static HeapEmbedding blend(List<HeapEmbedding> prompts, double[] weights, boolean slerp) {
        HeapEmbedding first = prompts.get(0);
        if (prompts.size() != weights.length || !prompts.stream().allMatch(first::hasFormOf)) {
            throw new IllegalArgumentException("embeddings of different forms, or not one weight for each");
        }
        List<float[]> states = prompts.stream().map(prompt -> prompt.states).toList();
        return new HeapEmbedding(
                PromptBlend.blend(states, weights, slerp, first.features), first.features, first.pooled.map(pooled -> {
                    List<float[]> all = prompts.stream()
                            .map(prompt -> prompt.pooled.orElseThrow())
                            .toList();
                    return PromptBlend.blend(all, weights, slerp, pooled.length);
                }));
    }

    /** Number of token states. */
    public int tokens() {
        return states.length / features;
    }

    /**
     * As long as others that it goes with: an empty prompt follows as often as needed.
     *
     * @param empty of the same encoders; its length divides what is missing
     */
    public HeapEmbedding lengthened(int tokens, HeapEmbedding empty) {
        if (tokens == tokens()) {
            return this;
        }
        float[] longer = Arrays.copyOf(states, tokens * features);
        for (int at = states.length; at < longer.length; at += empty.states.length) {
            System.arraycopy(empty.states, 0, longer, at, empty.states.length);
        }
        return new HeapEmbedding(longer, features, pooled);
    }

    /** Zeros of the same form, pooled state included: how SDXL was trained to see no prompt at all. */
    public HeapEmbedding zeros() {
        return new HeapEmbedding(new float[states.length], features, pooled.map(numbers -> new float[numbers.length]));
    }

    /** Whether all numbers are the same. */
    public boolean sameAs(HeapEmbedding other) {
        return hasFormOf(other)
                && Arrays.equals(states, other.states)
                && (pooled.isEmpty() || Arrays.equals(pooled.get(), other.pooled.orElseThrow()));
    }

    boolean hasFormOf(HeapEmbedding other) {
        return states.length == other.states.length
                && features == other.features
                && pooled.map(numbers -> numbers.length).equals(other.pooled.map(numbers -> numbers.length));
    }

    /** Token states {@code [1, L, C]}, in the caller's scope. */
    public Tensor states(Placement placement) {
        return placed(placement, states, 1, states.length / features, features);
    }

    /** The pooled state {@code [1, P]}, in the caller's scope. */
    public Optional<Tensor> pooled(Placement placement) {
        return pooled.map(numbers -> placed(placement, numbers, 1, numbers.length));
    }

    float[] stateNumbers() {
        return states;
    }

    Optional<float[]> pooledNumbers() {
        return pooled;
    }

    int features() {
        return features;
    }

    private static Tensor placed(Placement placement, float[] numbers, long... shape) {
        return placement.place(Tensor.create(numbers, shape));
    }

    private static float[] numbers(Tensor tensor) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor flat = Placement.CPU.place(tensor.to(ScalarType.Float)).contiguous();
            float[] numbers = new float[(int) flat.numel()];
            new FloatPointer(flat.data_ptr()).get(numbers);
            return numbers;
        }
    }
}
