package io.github.tachyscope.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work on one thread: whatever this thread makes inside is freed at the end, in the same turn.
 *
 * <p>Scopes nest. A tensor that must outlive its scope is {@linkplain #keep kept} for an owner who
 * {@linkplain #release releases} it later, or {@linkplain #handOut handed} to the scope around.
 *
 * <p>Must be closed by the thread that opened it, in reverse order.
 */
public final class TensorScope implements AutoCloseable {
    private final @Nullable PointerScope around;
    private final PointerScope pointers;

    private TensorScope(boolean inference) {
        Torch.settle();
        around = PointerScope.getInnerScope();
        pointers = new PointerScope();
        if (inference) {
            // The first in is the last out: the thread's mode comes back when the tensors are gone.
            pointers.attach(new InferenceMode(true));
        }
    }

    /** Work without gradients: tensors made here can never take part in training. */
    public static TensorScope inference() {
        return new TensorScope(true);
    }

    /** Work in the thread's present mode: training, or a part of a unit of work with large temporaries. */
    public static TensorScope plain() {
        return new TensorScope(false);
    }

    /** Lets {@code tensor} outlive every scope, for an owner who calls {@link #release} once. */
    public static <P extends Pointer> P keep(P tensor) {
        tensor.retainReference();
        return tensor;
    }

    /** Ends what {@link #keep} began. */
    public static void release(Pointer tensor) {
        tensor.releaseReference();
    }

    /** Lets {@code tensor} live until the scope around this one ends. */
    public <P extends Pointer> P handOut(P tensor) {
        if (around == null) {
            throw new IllegalStateException("no scope around this one; use keep");
        }
        around.attach(tensor);
        return tensor;
    }

    @Override
    public void close() {
        if (PointerScope.getInnerScope() != pointers) {
            throw new IllegalStateException("a scope ends on the thread that opened it, before those around it");
        }
        pointers.close();
    }
}
