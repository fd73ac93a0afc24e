package io.github.tachyscope.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.TorchDevice;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeviceTest {
    /** A process of its own: the others of these tests may have loaded LibTorch already. */
    static final class Quiet {
        private Quiet() {}

        public static void main(String[] arguments) throws Exception {
            Device device = Device.discover(settings("")).get(0);
            LaneThreads threads = new LaneThreads(device, 2);
            threads.submit(LaneThreads.slotOf(Lane.DENOISE, 2), () -> {}).get();
            threads.close(1000);
            System.out.print(device.name() + " " + Torch.version().isPresent() + " " + Torch.loaded());
        }
    }

    private static EngineSettings settings(String engine) {
        return all(engine).engine();
    }

    private static Settings all(String engine) {
        return Settings.from(ConfigFactory.parseString("tachyscope.engine { " + engine + " }")
                .withFallback(ConfigFactory.load()));
    }

    private static List<Device> used(List<TorchDevice> found, String engine) {
        return Device.used(found, all(engine).engine(), all(engine).executors());
    }

    private static final TorchDevice CPU = new TorchDevice("cpu", TorchDevice.Kind.CPU, "", 1_000, 900, false);

    private static TorchDevice gpu(int index) {
        return new TorchDevice("cuda:" + index, TorchDevice.Kind.CUDA, "", 5_000, 4_000, true);
    }

    @Test
    void oneExecutorHasTheProcessorToItself() {
        Device cpu = used(List.of(CPU), "lanes = 1").get(0);
        assertEquals("cpu", cpu.name());
        assertEquals(1_000, cpu.memoryBytes());
        assertEquals(Runtime.getRuntime().availableProcessors(), cpu.laneThreads());
    }

    @Test
    void severalExecutorsShareProcessorAndMemory() {
        List<Device> parts = used(List.of(CPU), "cpu-executors = 3, lanes = 2");
        assertEquals(
                List.of("cpu:0", "cpu:1", "cpu:2"),
                parts.stream().map(Device::name).toList());
        for (Device part : parts) {
            assertEquals("cpu", part.placement().device());
            assertEquals(333, part.memoryBytes());
            assertEquals(Math.max(1, Runtime.getRuntime().availableProcessors() / 6), part.laneThreads());
        }
        assertEquals(
                7,
                used(List.of(CPU), "cpu-executors = 2, lane-threads = 7").get(1).laneThreads());
    }

    @Test
    void allGpusAreUsedAndTheProcessorIsNotThen() {
        List<Device> devices = used(List.of(gpu(0), gpu(1), CPU), "cpu-executors = 2");
        assertEquals(
                List.of("cuda:0", "cuda:1"), devices.stream().map(Device::name).toList());
    }

    @Test
    void isThereWithoutLibTorchBeingLoaded() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path").replace("\n", File.pathSeparator),
                        Quiet.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals("cpu true false", said);
    }

    @Test
    void takesThePrecisionOfTheSettings() {
        List<Device> devices = Device.discover(settings("precision = fp16"));
        assertEquals(Precision.FP16, devices.get(devices.size() - 1).placement().precision());
    }

    @Test
    void sharesTheProcessorsOutAmongTheLanes() {
        int processors = Runtime.getRuntime().availableProcessors();
        assertEquals(processors, Device.discover(settings("lanes = 1")).get(0).laneThreads());
        assertEquals(5, Device.discover(settings("lane-threads = 5")).get(0).laneThreads());
        assertTrue(Device.discover(settings("lanes = 3")).get(0).laneThreads() >= 1);
    }

    @Test
    void eachLaneThreadComputesWithItsOwnNumberOfThreads() throws Exception {
        int here = Torch.threads();
        Device device = new Device(Device.cpu().placement(), 1, here + 1);
        LaneThreads threads = new LaneThreads(device, 1);
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        threads.submit(0, () -> {
            try (TensorScope scope = TensorScope.inference()) {
                seen.complete(Torch.threads());
            }
        });
        assertEquals(here + 1, seen.get(30, TimeUnit.SECONDS));
        assertEquals(here, Torch.threads());
        threads.close(1000);
        // Threads that begin later copy the last number that anybody set.
        Torch.useThreads(here);
        assertEquals(here, Torch.threads());
    }

    @Test
    void memoryIsWhatTheHeapLeaves() {
        long heap = Runtime.getRuntime().maxMemory();
        long memory = Device.cpu().memoryBytes();
        // The build gives 12 GiB to what lies outside the heap and 1 GiB to the heap; a small machine has less.
        assertTrue(memory >= 0 && memory <= (12L << 30) - heap, () -> memory + " bytes");
    }
}
