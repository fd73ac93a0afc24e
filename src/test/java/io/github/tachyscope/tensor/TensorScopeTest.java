package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TensorScopeTest {
    @BeforeAll
    static void oneThread() {
        Torch.useThreads(1);
    }

    private static boolean inference() {
        try (TensorScope scope = TensorScope.plain()) {
            return torch.ones(1).is_inference();
        }
    }

    @Test
    void everythingMadeInsideIsGoneAtTheEnd() {
        long before = Pointer.totalCount();
        Tensor seen;
        try (TensorScope scope = TensorScope.inference()) {
            seen = torch.ones(3, 4);
            try (TensorScope inner = TensorScope.plain()) {
                seen.add(torch.ones(3, 4));
            }
            assertEquals(12, seen.sum().item_double());
        }
        assertTrue(seen.isNull());
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void whatIsHandedOutLivesInTheScopeAround() {
        long before = Pointer.totalCount();
        Tensor seen;
        try (TensorScope outer = TensorScope.inference()) {
            try (TensorScope inner = TensorScope.plain()) {
                seen = inner.handOut(torch.ones(5).mul(new Scalar(2)));
            }
            assertEquals(10, seen.sum().item_double());
        }
        assertTrue(seen.isNull());
        NativeObjects.assertNoMoreThan(before);
        try (TensorScope alone = TensorScope.plain()) {
            Tensor tensor = torch.ones(1);
            assertThrows(IllegalStateException.class, () -> alone.handOut(tensor));
        }
    }

    @Test
    void whatIsKeptLivesUntilItIsReleased() {
        long before = Pointer.totalCount();
        Tensor kept;
        try (TensorScope outer = TensorScope.inference()) {
            try (TensorScope inner = TensorScope.inference()) {
                kept = TensorScope.keep(torch.ones(5));
            }
        }
        NativeObjects.assertNoMoreThan(before + 1);
        try (TensorScope later = TensorScope.inference()) {
            assertEquals(5, kept.sum().item_double());
        }
        TensorScope.release(kept);
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void inPlaceResultsAreTheSameTensorAndFreedOnce() {
        long before = Pointer.totalCount();
        Tensor kept;
        try (TensorScope scope = TensorScope.inference()) {
            kept = TensorScope.keep(torch.ones(5).add_(torch.ones(5)));
        }
        try (TensorScope scope = TensorScope.inference()) {
            assertEquals(10, kept.sum().item_double());
        }
        TensorScope.release(kept);
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void theModeOfTheThreadComesBackAlsoAfterAnException() {
        assertFalse(inference());
        try (TensorScope outer = TensorScope.inference()) {
            assertTrue(inference());
            assertThrows(RuntimeException.class, () -> {
                try (TensorScope inner = TensorScope.inference()) {
                    torch.ones(2).add(torch.ones(3));
                }
            });
            assertTrue(inference());
        }
        assertFalse(inference());
        assertThrows(IllegalStateException.class, () -> {
            try (TensorScope scope = TensorScope.inference()) {
                throw new IllegalStateException("step");
            }
        });
        assertFalse(inference());
    }

    @Test
    void plainScopesTrain() {
        try (TensorScope scope = TensorScope.plain()) {
            Tensor weight = torch.ones(3).set_requires_grad(true);
            weight.mul(new Scalar(2)).sum().backward();
            assertEquals(6, weight.grad().sum().item_double());
        }
    }

    @Test
    void otherThreadsAreNotAffected() throws Exception {
        CompletableFuture<Boolean> elsewhere = new CompletableFuture<>();
        List<Tensor> foreign = new ArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                Tensor tensor = torch.ones(2);
                foreign.add(tensor);
                elsewhere.complete(tensor.is_inference());
            } catch (Throwable failed) {
                elsewhere.completeExceptionally(failed);
            }
        });
        try (TensorScope scope = TensorScope.inference()) {
            thread.start();
            assertFalse(elsewhere.get(30, TimeUnit.SECONDS));
        }
        assertFalse(foreign.get(0).isNull());
        foreign.get(0).close();
    }

    @Test
    void scopesEndInReverseOrderOnTheirThread() throws Exception {
        TensorScope outer = TensorScope.plain();
        TensorScope inner = TensorScope.plain();
        assertThrows(IllegalStateException.class, outer::close);
        CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(inner::close);
        assertThrows(Exception.class, () -> elsewhere.get(30, TimeUnit.SECONDS));
        inner.close();
        outer.close();
    }

    @Test
    void tenThousandStepsTakeNoMemory() {
        Tensor state;
        try (TensorScope scope = TensorScope.inference()) {
            state = TensorScope.keep(torch.zeros(64, 64));
        }
        steps(state, 500);
        long pointers = Pointer.totalCount();
        long bytes = Pointer.physicalBytes();
        steps(state, 10_000);
        NativeObjects.assertNoMoreThan(pointers);
        // Each step makes 48 KiB: kept, they would be 480 MB.
        long grown = Pointer.physicalBytes() - bytes;
        assertTrue(grown < 100 << 20, () -> "grown by " + grown + " bytes");
        TensorScope.release(state);
    }

    private static void steps(Tensor state, int count) {
        for (int i = 0; i < count; i++) {
            try (TensorScope scope = TensorScope.inference()) {
                state.copy_(state.add(torch.ones(64, 64)).mul(new Scalar(0.5)));
            }
        }
    }
}
