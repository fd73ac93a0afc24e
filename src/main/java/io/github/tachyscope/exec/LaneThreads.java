package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.tensor.Torch;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The threads of a device: each lane belongs to one slot, each slot is one thread.
 *
 * <p>One slot serves all lanes, two give the denoiser its own, three give each lane its own.
 */
final class LaneThreads {
    static final int MAX_SLOTS = Lane.values().length;

    private final List<ExecutorService> slots;

    LaneThreads(Device device, int slots) {
        this.slots = IntStream.range(0, checked(slots))
                .mapToObj(slot -> Executors.newSingleThreadExecutor(task -> {
                    Runnable work = () -> {
                        Torch.useThreads(device.laneThreads());
                        task.run();
                    };
                    Thread thread = new Thread(work, "device-" + device.name() + "-" + slot);
                    thread.setDaemon(true);
                    return thread;
                }))
                .toList();
    }

    private static int checked(int slots) {
        if (slots < 1 || slots > MAX_SLOTS) {
            throw new IllegalArgumentException("lane threads " + slots + "; allowed are 1 to " + MAX_SLOTS);
        }
        return slots;
    }

    static int slotOf(Lane lane, int slots) {
        return switch (lane) {
            case DENOISE -> 0;
            case CODEC -> Math.min(1, slots - 1);
            case TEXT -> slots - 1;
        };
    }

    Future<?> submit(int slot, Runnable task) {
        return slots.get(slot).submit(task);
    }

    /** Each thread ends with the step that it runs. */
    void leave() {
        slots.forEach(ExecutorService::shutdownNow);
    }

    /** Ends all threads; whether they did end in time. */
    boolean close(long millis) {
        leave();
        boolean ended = true;
        for (ExecutorService slot : slots) {
            try {
                ended &= slot.awaitTermination(millis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return ended;
    }
}
