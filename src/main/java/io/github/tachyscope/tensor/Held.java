package io.github.tachyscope.tensor;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A place for one kept tensor: what was there before is freed. */
public final class Held implements AutoCloseable {
    private @Nullable Tensor tensor;

    public Optional<Tensor> get() {
        return Optional.ofNullable(tensor);
    }

    public Tensor present() {
        if (tensor == null) {
            throw new IllegalStateException("no tensor here");
        }
        return tensor;
    }

    /** Takes over a kept tensor. */
    public void put(Tensor kept) {
        close();
        tensor = kept;
    }

    @Override
    public void close() {
        if (tensor != null) {
            TensorScope.release(tensor);
            tensor = null;
        }
    }
}
