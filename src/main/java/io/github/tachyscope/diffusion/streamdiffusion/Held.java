package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.tensor.TensorScope;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A place for one kept tensor: what was there before is freed. */
final class Held implements AutoCloseable {
    private @Nullable Tensor tensor;

    Optional<Tensor> get() {
        return Optional.ofNullable(tensor);
    }

    Tensor present() {
        return get().orElseThrow(() -> new IllegalStateException("no tensor here"));
    }

    /** Takes over a kept tensor. */
    void put(Tensor kept) {
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
