package io.github.tachyscope.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one long draw of unit normal numbers, one after the other: row i is what row i of a tensor drawn from the
 * same seed would be, whatever the number of its rows.
 *
 * <p>A function of its arguments with a memory: rows in their order cost nothing extra, others are drawn from the
 * beginning. Not safe for several threads.
 */
public final class NoiseRows implements AutoCloseable {
    /** Rows of one draw; later ones begin another draw, so that none takes more than about a second to get to. */
    private static final long MOST_ROWS = 4096;

    private @Nullable GeneratorOptional generator;
    private long seed;
    private long next;
    private long[] shape = {};

    /** fp32 on the CPU, {@code [1, ...wanted]}, in the caller's scope. */
    public Tensor row(long wantedSeed, long index, long... wanted) {
        long ofDraw = wantedSeed + index / MOST_ROWS;
        long row = index % MOST_ROWS;
        GeneratorOptional present = generator;
        if (present == null || ofDraw != seed || row < next || !Arrays.equals(wanted, shape)) {
            close();
            present = TensorScope.keep(new GeneratorOptional(torch.createCPUGenerator(ofDraw)));
            generator = present;
            seed = ofDraw;
            next = 0;
            shape = wanted.clone();
        }
        long[] whole = new long[wanted.length + 1];
        whole[0] = 1;
        System.arraycopy(wanted, 0, whole, 1, wanted.length);
        while (next < row) {
            try (TensorScope scope = TensorScope.inference()) {
                torch.randn(whole, present);
            }
            next++;
        }
        next++;
        return torch.randn(whole, present);
    }

    @Override
    public void close() {
        if (generator != null) {
            TensorScope.release(generator);
            generator = null;
        }
    }
}
