package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DevicesTest {
    @BeforeAll
    static void oneThread() {
        Torch.useThreads(1);
    }

    @Test
    void theProcessorIsTheLastAndAlwaysThere() {
        List<TorchDevice> devices = Devices.discover();
        TorchDevice cpu = devices.get(devices.size() - 1);
        assertEquals("cpu", cpu.name());
        assertTrue(cpu.freeBytes() <= cpu.totalBytes());
        assertTrue(cpu.summary().startsWith("cpu: ") && cpu.summary().endsWith("fp32"), cpu::summary);
    }

    @Test
    void bf16IsFastWhereThereAreInstructionsForIt() {
        assertTrue(Devices.computesBf16("fpu avx512_bf16 avx512vbmi"));
        assertTrue(Devices.computesBf16("fpu amx_bf16 amx_tile"));
        assertFalse(Devices.computesBf16("fpu avx2 avx512f avx512_bf16x"));
        assertFalse(Devices.computesBf16(""));
    }

    @Test
    void theBestPrecisionIsTheFastestFormat() {
        assertEquals(Precision.FP32, device(TorchDevice.Kind.CPU, false).bestPrecision());
        assertEquals(Precision.BF16, device(TorchDevice.Kind.CPU, true).bestPrecision());
        assertEquals(Precision.FP16, device(TorchDevice.Kind.CUDA, true).bestPrecision());
        assertEquals(
                List.of(Precision.FP16, Precision.FP32),
                device(TorchDevice.Kind.CUDA, false).fastFormats());
    }

    private static TorchDevice device(TorchDevice.Kind kind, boolean fastBf16) {
        return new TorchDevice("x", kind, "", 1, 1, fastBf16);
    }

    @Test
    void theLibraryTellsWhatItIs() {
        Torch.require();
        assertTrue(Torch.loaded());
        assertTrue(Torch.version().orElseThrow().matches("\\d+\\.\\d+\\.\\d+"));
        assertTrue(Torch.configuration().contains("PyTorch"));
        assertTrue(Torch.parallelInfo().contains("OpenMP"));
        assertThrows(IllegalArgumentException.class, () -> Torch.useThreads(0));
    }

    @Test
    void warnsOfAStartThatMakesModelsSlow() {
        assertEquals(2, LaunchCheck.warnings(Map.of()).size());
        assertEquals(
                List.of(), LaunchCheck.warnings(Map.of("OMP_WAIT_POLICY", "passive", "OPENBLAS_NUM_THREADS", "1")));
        assertTrue(LaunchCheck.warnings(Map.of("OMP_WAIT_POLICY", "ACTIVE", "OPENBLAS_NUM_THREADS", "1"))
                .get(0)
                .contains("OMP_WAIT_POLICY=PASSIVE"));
        assertEquals(Optional.empty(), LaunchCheck.trap(Duration.ofMillis(30)));
        assertTrue(LaunchCheck.trap(Duration.ofMillis(744)).orElseThrow().contains("OPENBLAS_NUM_THREADS"));
    }

    @Test
    void timesOneAttentionAndLeavesTheThreadAsItWas() {
        int before = Torch.threads();
        assertTrue(LaunchCheck.attention().toNanos() > 0);
        assertEquals(before, Torch.threads());
    }

    @Test
    void theProcessorPassesItsSelfTest() {
        List<SelfTest.Finding> findings = SelfTest.run(Devices.cpu());
        assertEquals(
                List.of(),
                findings.stream().filter(finding -> !finding.passed()).toList());
        assertTrue(findings.size() > 3 * Operation.values().length);
        String bench = SelfTest.bench(Devices.cpu(), Precision.FP32);
        assertTrue(bench.startsWith("fp32: conv"), bench);
    }
}
