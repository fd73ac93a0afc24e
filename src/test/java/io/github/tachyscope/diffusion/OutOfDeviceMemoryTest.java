package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.tensor.TensorScope;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class OutOfDeviceMemoryTest {
    @Test
    void recognisesWhatLibTorchReallyThrows() {
        try (TensorScope scope = TensorScope.inference()) {
            RuntimeException full = assertThrows(RuntimeException.class, () -> torch.empty(1L << 48));
            assertTrue(OutOfDeviceMemory.in(full).isPresent(), full::getMessage);
            RuntimeException wrong =
                    assertThrows(RuntimeException.class, () -> torch.ones(2, 3).matmul(torch.ones(2, 3)));
            assertEquals(Optional.empty(), OutOfDeviceMemory.in(wrong));
        }
    }

    @Test
    void recognisesTheOthersByTheirTexts() {
        assertTrue(in(new RuntimeException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total ...")));
        assertTrue(in(new RuntimeException("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: not enough memory:"
                + " you tried to allocate 4096 bytes.")));
        assertTrue(
                in(new RuntimeException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)")));
        assertTrue(
                in(new OutOfMemoryError("Physical memory usage is too high: physicalBytes (13G) > maxPhysicalBytes")));
        assertTrue(in(new IllegalStateException("step", new RuntimeException("CUDA error: out of memory"))));
        OutOfDeviceMemory known = new OutOfDeviceMemory("told", new RuntimeException());
        assertSame(known, OutOfDeviceMemory.in(known).orElseThrow());
    }

    @Test
    void leavesEverythingElseAlone() {
        assertEquals(Optional.empty(), OutOfDeviceMemory.in(new RuntimeException("shape mismatch")));
        assertEquals(Optional.empty(), OutOfDeviceMemory.in(new RuntimeException()));
        assertEquals(
                Optional.empty(), OutOfDeviceMemory.in(new IllegalStateException("the queue is out of memory slots")));
    }

    private static boolean in(Throwable failure) {
        return OutOfDeviceMemory.in(failure).isPresent();
    }
}
