package io.github.tachyscope.tensor;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The tensors of a model by name, and their owner: a layer takes what it needs and declares the shape, closing frees
 * everything.
 *
 * <p>Two sources: {@link LoadedWeights files} and {@link RandomWeights random numbers}. Taken tensors are in the
 * placement's precision, on its device; four-dimensional ones (convolutions) are stored channels-last.
 */
public abstract class Weights implements AutoCloseable {
    private final Placement placement;
    private final Map<String, Tensor> taken = new LinkedHashMap<>();
    private final Deque<Pointer> kept = new ArrayDeque<>();

    Weights(Placement placement) {
        this.placement = placement;
    }

    public final Placement placement() {
        return placement;
    }

    /**
     * The tensor {@code name}, which must have this shape.
     *
     * @throws WeightsRejected if there is none, or if it has another shape; the message names it
     */
    public final Tensor take(String name, long... shape) {
        Tensor before = taken.get(name);
        if (before != null) {
            checkShape(name, before.shape(), shape);
            return before;
        }
        Tensor tensor = make(name, shape);
        taken.put(name, tensor);
        return tensor;
    }

    /**
     * The shape under which {@code name} is stored; empty if it is not, or if any shape will do. For the few tensors
     * that come in more than one form.
     */
    public abstract Optional<long[]> stored(String name);

    /** Makes the tensor in this placement, {@linkplain TensorScope#keep kept}; its shape is {@code shape}. */
    abstract Tensor make(String name, long[] shape);

    /** What was taken so far, in that order: the parameters of the model, for a trainer or an export. */
    public final Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(taken));
    }

    /** Something derived from the tensors that lives as long as they do. */
    public final <P extends Pointer> P keep(P derived) {
        kept.push(TensorScope.keep(derived));
        return derived;
    }

    /** Kernels of convolutions are fastest channels-last. */
    static Tensor inOrder(Tensor tensor) {
        return tensor.dim() == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor.contiguous();
    }

    static void checkShape(String name, long[] found, long[] expected) {
        if (!Arrays.equals(found, expected)) {
            throw new WeightsRejected("tensor " + name + " has shape " + Arrays.toString(found) + "; this model needs "
                    + Arrays.toString(expected));
        }
    }

    @Override
    public void close() {
        while (!kept.isEmpty()) {
            TensorScope.release(kept.pop());
        }
        taken.values().forEach(TensorScope::release);
        taken.clear();
    }
}
