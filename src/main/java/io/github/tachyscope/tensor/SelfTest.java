package io.github.tachyscope.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Whether LibTorch computes on a device what it should.
 *
 * <p>First the tensor object itself: our native code reads sizes and types out of an object that LibTorch laid out. With
 * a LibTorch of another version (a host's own) the two may disagree, and everything after that would be nonsense. Then
 * each operation that models are made of, in each precision, against fp64 on the processor.
 */
public final class SelfTest {
    private SelfTest() {}

    /**
     * One thing that was looked at.
     *
     * @param name such as {@code conv2d in bf16}
     * @param passed whether it is as it should be
     * @param detail the error and what is allowed, or what was found
     */
    public record Finding(String name, boolean passed, String detail) {}

    /** Everything about {@code device}; only the layout if that is wrong. */
    public static List<Finding> run(TorchDevice device) {
        Torch.require();
        List<Finding> findings = new ArrayList<>(layout(device));
        if (findings.stream().allMatch(Finding::passed)) {
            for (Precision precision : Precision.values()) {
                for (Operation operation : Operation.values()) {
                    findings.add(compare(operation, new Placement(device.name(), precision)));
                }
            }
            findings.add(noise(device));
        }
        return findings;
    }

    /** What accessors say of known tensors against what operations of LibTorch say of them. */
    private static List<Finding> layout(TorchDevice device) {
        List<Finding> findings = new ArrayList<>();
        try (TensorScope scope = TensorScope.inference()) {
            Placement here = new Placement(device.name(), Precision.FP32);
            Tensor ones = torch.ones(new long[] {2, 3, 5}, here.options());
            findings.add(holds("dim", () -> ones.dim() == 3 && ones.sum().dim() == 0));
            findings.add(holds("numel", () -> ones.numel() == 30 && ones.sum().item_double() == ones.numel()));
            findings.add(holds("size", () -> {
                boolean same = true;
                for (long axis = 0; axis < 3; axis++) {
                    same &= ones.cumsum(axis).max().item_double() == ones.size(axis);
                }
                return same && ones.shape().length == 3;
            }));
            findings.add(holds("stride", () -> {
                Tensor turned = ones.transpose(0, 2);
                return ones.stride(0) == 15
                        && turned.stride(0) == 1
                        && turned.size(0) == 5
                        && !turned.is_contiguous()
                        && turned.contiguous().is_contiguous();
            }));
            findings.add(holds(
                    "storage offset", () -> ones.narrow(0, 1, 1).storage_offset() == 15 && ones.storage_offset() == 0));
            for (ScalarType type : List.of(
                    ScalarType.Float,
                    ScalarType.Half,
                    ScalarType.BFloat16,
                    ScalarType.Double,
                    ScalarType.Long,
                    ScalarType.Byte)) {
                Tensor typed = ones.to(type);
                findings.add(holds(
                        "dtype " + type.name(),
                        () -> typed.scalar_type().intern() == type
                                && torch.result_type(typed, typed).intern() == type
                                && typed.element_size() * typed.numel() == typed.nbytes()));
            }
            findings.add(holds(
                    "device",
                    () -> ones.is_cuda() == (device.kind() == TorchDevice.Kind.CUDA)
                            && !ones.cpu().is_cuda()
                            && ones.device().str().getString().equals(device.name())));
        }
        return findings;
    }

    private static Finding holds(String name, BooleanSupplier condition) {
        boolean passed = condition.getAsBoolean();
        return new Finding(
                "layout: " + name, passed, passed ? "ok" : "our native code and LibTorch do not fit together");
    }

    private static Finding compare(Operation operation, Placement placement) {
        String name = operation.name().toLowerCase(Locale.ROOT) + " in "
                + placement.precision().wireName();
        try (TensorScope scope = TensorScope.inference()) {
            Tensor computed = operation.compute(placement::place).cpu().to(ScalarType.Double);
            // The same inputs, rounded the same way: what is left is the error of computing.
            Placement rounded = Placement.CPU.with(placement.precision());
            Tensor exact = operation.compute(tensor -> rounded.place(tensor).to(ScalarType.Double));
            double error = computed.sub(exact).abs().max().item_double()
                    / exact.abs().max().item_double();
            double allowed = tolerance(placement);
            return new Finding(
                    name,
                    // Not a comparison with > : a NaN must not pass.
                    error <= allowed,
                    String.format(Locale.ROOT, "error %.1e, allowed %.1e", error, allowed));
        } catch (RuntimeException refused) {
            return new Finding(
                    name,
                    false,
                    String.valueOf(refused.getMessage()).lines().findFirst().orElse("failed"));
        }
    }

    /** Largest error, of the largest value. GPUs may compute fp32 convolutions in TF32, with 10 bits of mantissa. */
    private static double tolerance(Placement placement) {
        return switch (placement.precision()) {
            case FP32 -> placement.onCpu() ? 1e-5 : 3e-3;
            case FP16 -> 5e-3;
            case BF16 -> 3e-2;
        };
    }

    /** Seeds mean the same noise on every device. */
    private static Finding noise(TorchDevice device) {
        try (TensorScope scope = TensorScope.inference()) {
            Placement here = new Placement(device.name(), Precision.FP32);
            Tensor expected = Tensor.create(new float[] {1.5409961f, -0.2934289f, -2.1787894f, 0.5684313f});
            Tensor off = Noise.normal(0, here, 4).cpu().sub(expected).abs().max();
            boolean passed = off.item_double() < 1e-5;
            return new Finding("noise from a seed", passed, passed ? "ok" : "not that of PyTorch");
        }
    }

    /** One line with the times of the three operations that models spend their time in, in {@code precision}. */
    public static String bench(TorchDevice device, Precision precision) {
        Placement placement = new Placement(device.name(), precision);
        try (TensorScope scope = TensorScope.inference()) {
            Tensor picture = Weights.inOrder(Noise.normal(1, placement, 1, 320, 64, 64));
            Tensor kernel = Weights.inOrder(Noise.normal(2, placement, 320, 320, 3, 3));
            Tensor heads = Noise.normal(3, placement, 1, 8, 1024, 40);
            Tensor matrix = Noise.normal(4, placement, 1024, 1024).mul(new Scalar(0.01));
            long[] one = {1, 1};
            double conv = millis(device, () -> torch.conv2d(picture, kernel, new TensorOptional(), one, one, one, 1));
            double attention = millis(device, () -> Attention.full(heads, heads, heads));
            double matmul = millis(device, () -> torch.matmul(matrix, matrix));
            return String.format(
                    Locale.ROOT,
                    "%s: conv 3x3 320 at 64x64 %.2f ms, attention 1024x8x40 %.2f ms, matmul 1024 %.2f ms",
                    precision.wireName(),
                    conv,
                    attention,
                    matmul);
        }
    }

    /** The best of some rounds: what the device can, not what else the machine does. */
    private static double millis(TorchDevice device, Runnable operation) {
        double best = Double.POSITIVE_INFINITY;
        for (int round = 0; round < 6; round++) {
            long start = System.nanoTime();
            try (TensorScope scope = TensorScope.inference()) {
                operation.run();
                if (device.kind() == TorchDevice.Kind.CUDA) {
                    torch.cuda_synchronize();
                }
            }
            // The first round builds kernels.
            best = round == 0 ? best : Math.min(best, (System.nanoTime() - start) / 1e6);
        }
        return best;
    }
}
