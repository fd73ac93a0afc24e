package io.github.tachyscope.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.global.torch;

/** The devices of this machine. The processor is described from outside; only GPUs need LibTorch to be seen. */
public final class Devices {
    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
    private static final Path NVIDIA = Path.of("/proc/driver/nvidia/gpus");

    private Devices() {}

    /** All devices, the best first: GPUs, then the processor. */
    public static List<TorchDevice> discover() {
        List<TorchDevice> devices = new ArrayList<>();
        if (cudaBuild()) {
            devices.addAll(gpus());
        }
        devices.add(cpu());
        return devices;
    }

    /** Whether this build, or the LibTorch that it was pointed to, may know of GPUs. */
    public static boolean cudaBuild() {
        // Natives from a path instead of the class path: nobody can tell what they know before they are loaded.
        return Boolean.getBoolean("org.bytedeco.javacpp.pathsFirst")
                || Devices.class.getResource("/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/") != null;
    }

    /** Names of the NVIDIA GPUs that the system's driver shows, whether or not this build can use them. Linux only. */
    public static List<String> nvidiaNames() {
        try (Stream<Path> cards = Files.list(NVIDIA)) {
            return cards.sorted()
                    .map(card -> value(card.resolve("information"), "Model").orElse("NVIDIA GPU"))
                    .toList();
        } catch (IOException none) {
            return List.of();
        }
    }

    private static List<TorchDevice> gpus() {
        List<TorchDevice> gpus = new ArrayList<>();
        try {
            Torch.require();
        } catch (TorchUnavailable told) {
            // The processor may do; whoever loads a model is told.
            return gpus;
        }
        if (!torch.cuda_is_available()) {
            return gpus;
        }
        List<String> names = nvidiaNames();
        int count = torch.cuda_device_count();
        try (TensorScope scope = TensorScope.plain()) {
            // True from compute capability 8 on, where bf16 is as fast as fp16.
            boolean fastBf16 = torch.getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
            for (int i = 0; i < count; i++) {
                SizeTPair memory = torch.getMemoryInfo((byte) i);
                gpus.add(new TorchDevice(
                        "cuda:" + i,
                        TorchDevice.Kind.CUDA,
                        names.size() == count ? names.get(i) : "NVIDIA GPU",
                        memory.second(),
                        memory.first(),
                        fastBf16));
            }
        }
        return gpus;
    }

    /** The processor. Its memory is what the process may take beside the Java heap. */
    public static TorchDevice cpu() {
        long machine =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        long allowed = Pointer.maxPhysicalBytes() > 0 ? Math.min(machine, Pointer.maxPhysicalBytes()) : machine;
        long total = Math.max(0, allowed - Runtime.getRuntime().maxMemory());
        long free = Math.min(total, Math.max(0, allowed - Pointer.physicalBytes()));
        return new TorchDevice("cpu", TorchDevice.Kind.CPU, processor(), total, free, computesBf16(flags()));
    }

    /** Memory that this process occupies: heap, tensors, codecs and the rest. */
    public static long processBytes() {
        return Pointer.physicalBytes();
    }

    /** Native memory that objects of this process hold: tensors, codecs. */
    public static long nativeBytes() {
        return Pointer.totalBytes();
    }

    private static String processor() {
        return value(PROCESSOR, "model name").orElse(System.getProperty("os.arch")) + ", "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }

    private static String flags() {
        return value(PROCESSOR, "flags").orElse("");
    }

    /** Whether the processor multiplies whole matrices of bf16. */
    static boolean hasAmx() {
        return List.of(flags().split(" ")).contains("amx_bf16");
    }

    /** LibTorch computes in bf16 everywhere, but without these instructions by way of fp32. */
    static boolean computesBf16(String flags) {
        List<String> known = List.of(flags.split(" "));
        return known.contains("avx512_bf16") || known.contains("amx_bf16");
    }

    /** The first line {@code key : value} of a file of the system; empty where there is none. */
    private static Optional<String> value(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(":")
                            && line.substring(0, line.indexOf(':')).strip().equals(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
