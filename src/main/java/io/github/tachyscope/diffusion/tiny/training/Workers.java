package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Forward and backward passes on several threads over the same parameters, each over a batch of its own. LibTorch adds
 * the gradients of all threads up, under a lock for each parameter.
 *
 * <p>One thread per core beats one pass with several OpenMP threads: the layers are too small to be cut up.
 */
final class Workers implements AutoCloseable {
    private final int count;
    private final boolean bf16;
    private final DeviceType device;
    private final ExecutorService threads;

    /** One worker's share of a step. */
    @FunctionalInterface
    interface Pass {
        /** The loss of this worker's batch, a scalar that gradients are recorded for. */
        Losses loss(int worker);
    }

    /** With bf16, convolutions and matrix products are computed in it; values stay in fp32. */
    Workers(TrainingPlan.Batches batches, Placement placement) {
        count = batches.workers();
        bf16 = batches.bf16();
        device = placement.onCpu() ? DeviceType.CPU : DeviceType.CUDA;
        threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "training");
            thread.setDaemon(true);
            return thread;
        });
    }

    int count() {
        return count;
    }

    /** Adds the gradients of all passes to the parameters; the mean of their losses. */
    Losses.Means step(Pass pass) {
        List<Future<Losses.Means>> running = new ArrayList<>();
        for (int worker = 0; worker < count; worker++) {
            int index = worker;
            running.add(threads.submit(() -> passed(pass, index)));
        }
        List<Losses.Means> done = new ArrayList<>();
        try {
            for (Future<Losses.Means> one : running) {
                done.add(one.get());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while training", stop);
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a training step failed", failure.getCause());
        }
        return Losses.Means.mean(done);
    }

    private Losses.Means passed(Pass pass, int worker) {
        torch.set_num_threads(1);
        try (TensorScope scope = TensorScope.plain()) {
            Losses losses = autocast(() -> pass.loss(worker));
            Tensor total = losses.total();
            total.backward();
            return losses.means();
        }
    }

    private Losses autocast(Supplier<Losses> forward) {
        if (!bf16) {
            return forward.get();
        }
        torch.set_autocast_dtype(device, ScalarType.BFloat16);
        torch.set_autocast_enabled(device, true);
        // The cache of converted parameters is one for all threads; each is used once per pass anyway.
        torch.set_autocast_cache_enabled(false);
        try {
            return forward.get();
        } finally {
            torch.set_autocast_enabled(device, false);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
