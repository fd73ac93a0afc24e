package io.github.tachyscope.tensor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Whether the process was started in a way that lets LibTorch compute at its speed on the processor. The launcher and
 * the build do that; a container or a service file of somebody's own may not.
 */
public final class LaunchCheck {
    /** One attention over a 32x32 latent with 8 heads of 40: 5 to 60 ms where nothing is wrong. */
    private static final long TOKENS = 1024;

    private static final long HEADS = 8;
    private static final long HEAD_WIDTH = 40;

    /** Far above every healthy machine, below what nested thread pools make of it. */
    private static final Duration TOO_LONG = Duration.ofMillis(400);

    private static final int TRIALS = 3;

    private LaunchCheck() {}

    /** Settings of the environment that are missing, each with its reason. Loads nothing. */
    public static List<String> warnings(Map<String, String> environment) {
        List<String> warnings = new ArrayList<>();
        if (!"PASSIVE".equalsIgnoreCase(environment.get("OMP_WAIT_POLICY"))) {
            warnings.add("set OMP_WAIT_POLICY=PASSIVE: threads that spin while they wait slow every model down");
        }
        if (!"1".equals(environment.get("OPENBLAS_NUM_THREADS"))) {
            warnings.add("set OPENBLAS_NUM_THREADS=1: a second pool of threads makes attention many times slower");
        }
        return warnings;
    }

    /** The time of one fp32 attention on all processors: the operation that runs BLAS inside of OpenMP. */
    public static Duration attention() {
        int before = Torch.threads();
        Torch.useThreads(Runtime.getRuntime().availableProcessors());
        long best = Long.MAX_VALUE;
        try (TensorScope scope = TensorScope.inference()) {
            Tensor q = Noise.normal(1, Placement.CPU, 1, HEADS, TOKENS, HEAD_WIDTH);
            Attention.full(q, q, q);
            for (int i = 0; i < TRIALS; i++) {
                long start = System.nanoTime();
                Attention.full(q, q, q);
                best = Math.min(best, System.nanoTime() - start);
            }
        } finally {
            Torch.useThreads(before);
            Torch.threads();
        }
        return Duration.ofNanos(best);
    }

    /** What is wrong if {@link #attention} took so long; empty if it is healthy. */
    public static Optional<String> trap(Duration attention) {
        return attention.compareTo(TOO_LONG) < 0
                ? Optional.empty()
                : Optional.of("one attention takes " + attention.toMillis()
                        + " ms; some 30 ms are normal. OpenBLAS and OpenMP fight over the processors"
                        + " (OPENBLAS_NUM_THREADS=1), or the machine is busy");
    }
}
