package io.github.tachyscope.diffusion.sd.unet;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Measures a forward of a denoiser on one thread, prompt and timestep kept; run by hand. Processor time leaves out what
 * other programs took, so a busy machine disturbs it less than the clock.
 */
final class UNetSpeed {
    private static final int ROUNDS = 5;

    private UNetSpeed() {}

    /** Arguments: {@code [side of the latent [forwards per round [precision]]]}; 64, 40 and two precisions if absent. */
    public static void main(String[] arguments) throws Exception {
        int side = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 64;
        int forwards = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 40;
        torch.set_num_threads(1);
        UNetConfig config = UNetConfig.read(new ObjectMapper().readTree(SmallUNets.BUNDLED));
        List<Precision> precisions = arguments.length > 2
                ? List.of(Precision.valueOf(arguments[2]))
                : List.of(Precision.FP32, Precision.BF16);
        for (Precision precision : precisions) {
            measure(config, Placement.CPU.with(precision), side, forwards);
        }
    }

    private static void measure(UNetConfig config, Placement placement, int side, int forwards) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double[] processor = new double[ROUNDS];
        double[] clock = new double[ROUNDS];
        try (RandomWeights weights = new RandomWeights(1, placement);
                TensorScope model = TensorScope.inference()) {
            UNet unet = UNet.take(config, weights);
            Tensor sample = Noise.normal(2, placement, 1, config.inChannels(), side, side)
                    .contiguous(MemoryFormat.ChannelsLast);
            Conditioning conditioning = SmallUNets.conditioning(unet, config, placement, 1, 3);
            TimeConditioning time = unet.time(torch.full(new long[] {1}, new Scalar(200.0)), conditioning);
            for (int round = -1; round < ROUNDS; round++) {
                long begun = System.nanoTime();
                long used = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < forwards; i++) {
                    try (TensorScope scope = TensorScope.inference()) {
                        unet.forward(sample, time, conditioning);
                    }
                }
                if (round >= 0) {
                    processor[round] = (threads.getCurrentThreadCpuTime() - used) / 1e6 / forwards;
                    clock[round] = (System.nanoTime() - begun) / 1e6 / forwards;
                }
            }
        }
        Arrays.sort(processor);
        Arrays.sort(clock);
        System.out.printf(
                "%s %dx%d: processor %.1f ms (best %.1f), clock %.1f ms (best %.1f) per forward%n",
                placement.precision(), side, side, processor[ROUNDS / 2], processor[0], clock[ROUNDS / 2], clock[0]);
    }
}
