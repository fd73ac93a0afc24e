package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The noise of one session: one fixed tensor per step of a frame, drawn once per seed. Noise that changed from frame to
 * frame would flicker.
 *
 * <p>Text mode moves on purpose: its noise walks on a sphere from one drawn tensor to the next, so slowly that
 * neighbouring frames look alike.
 *
 * <p>A pure function of its arguments with a memory; used inside denoising steps only, one at a time.
 */
final class NoiseBank implements AutoCloseable {
    private record Key(int step, long anchor) {}

    private final Placement placement;
    private final int channels;
    private final Map<Key, Tensor> drawn = new HashMap<>();
    private long rows;
    private long columns;
    private long seed;

    /** @param channels of a latent */
    NoiseBank(Placement placement, int channels) {
        this.placement = placement;
        this.channels = channels;
    }

    /** Draws latents of so many rows and columns from now on. */
    void fit(long wantedRows, long wantedColumns) {
        if (wantedRows != rows || wantedColumns != columns) {
            close();
            rows = wantedRows;
            columns = wantedColumns;
        }
    }

    /** The noise of a step; owned by the bank. */
    Tensor still(long wantedSeed, int step) {
        return anchor(wantedSeed, step, 0);
    }

    /**
     * The noise of a step at a point of the walk; lives as long as the caller's scope.
     *
     * @param position grows by 1 from one drawn tensor to the next
     */
    Tensor walking(long wantedSeed, int step, double position) {
        long from = (long) Math.floor(position);
        drawn.entrySet().removeIf(entry -> {
            boolean passed = entry.getKey().step() == step && entry.getKey().anchor() < from;
            if (passed) {
                TensorScope.release(entry.getValue());
            }
            return passed;
        });
        double angle = (position - from) * Math.PI / 2;
        Tensor left = anchor(wantedSeed, step, from);
        if (angle == 0) {
            return left;
        }
        Tensor right = anchor(wantedSeed, step, from + 1);
        // Independent Gaussians of so many dimensions are at right angles, and the sum has unit variance again.
        return left.mul(new Scalar(Math.cos(angle))).add(right, new Scalar(Math.sin(angle)));
    }

    private Tensor anchor(long wantedSeed, int step, long anchor) {
        if (wantedSeed != seed) {
            close();
            seed = wantedSeed;
        }
        return drawn.computeIfAbsent(new Key(step, anchor), this::draw);
    }

    private Tensor draw(Key key) {
        Tensor noise = Noise.normal(mixed(key), placement, 1, channels, rows, columns);
        return TensorScope.keep(noise.contiguous(MemoryFormat.ChannelsLast));
    }

    // The generator looks at the low half of its seed only, so every part has to reach it.
    private long mixed(Key key) {
        long mixed = seed * 0x9E3779B97F4A7C15L + key.step() * 0xBF58476D1CE4E5B9L + key.anchor() * 0x94D049BB133111EBL;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (mixed ^ mixed >>> 31) >>> 1;
    }

    @Override
    public void close() {
        drawn.values().forEach(TensorScope::release);
        drawn.clear();
    }
}
