package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.Held;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a frame leaves to the next one: a kept tensor, which is of no use to a frame of another size. */
final class Past implements AutoCloseable {
    private final Held held = new Held();
    private @Nullable PictureSize size;

    /** What a frame of this size can go on with. */
    Optional<Tensor> of(PictureSize wanted) {
        return wanted.equals(size) ? held.get() : Optional.empty();
    }

    /** Takes over what a frame of this size leaves, and frees what was there before. */
    void put(Tensor kept, PictureSize left) {
        held.put(kept);
        size = left;
    }

    @Override
    public void close() {
        held.close();
    }
}
