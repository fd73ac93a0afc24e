package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.tiny.scene.Scene;
import io.github.tachyscope.diffusion.tiny.scene.TrainingScenes;
import io.github.tachyscope.tensor.TensorScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Scenes drawn beforehand, as bytes in files that are mapped into memory. Drawing goes on where it was interrupted.
 *
 * <pre>
 * scenes-00000.rgb   up to 250 pictures of 3 x 256 x 256 bytes, planar
 * scenes-00000.txt   what each shows, one line per picture
 * </pre>
 */
final class SceneStore implements AutoCloseable {
    static final int SIZE = TrainingScenes.SIZE;
    private static final int SHARD = 250;
    private static final int BYTES = 3 * SIZE * SIZE;

    private final List<Tensor> shards = new ArrayList<>();
    private final List<String> contents = new ArrayList<>();

    private SceneStore() {}

    /**
     * Draws what is missing and maps everything.
     *
     * @param count number of scenes
     * @param seed of the first scene; the others follow
     * @param progress told how many scenes are there
     * @param stopped asked between two scenes
     * @return empty if it was stopped; what was drawn stays
     * @throws TrainingRefused if there are scenes of another seed
     */
    static Optional<SceneStore> open(
            Path folder, int count, long seed, int threads, IntConsumer progress, BooleanSupplier stopped) {
        try {
            Files.createDirectories(folder);
            int files = (count + SHARD - 1) / SHARD;
            refuseOthers(folder, seed);
            draw(new Drawing(folder, count, seed, stopped), threads, progress);
            if (stopped.getAsBoolean()) {
                return Optional.empty();
            }
            SceneStore store = new SceneStore();
            for (int file = 0; file < files; file++) {
                store.shards.add(map(pictures(folder, file), length(file, count)));
                store.contents.addAll(Files.readAllLines(texts(folder, file)));
            }
            return Optional.of(store);
        } catch (IOException failure) {
            throw new UncheckedIOException("the scenes in " + folder + " cannot be written or read", failure);
        }
    }

    /** Number of scenes in a file; the last one may be shorter. */
    private static int length(int file, int count) {
        return Math.min(SHARD, count - file * SHARD);
    }

    /** Scenes of another seed, or of another version of the program, would be taken for ours by their size. */
    private static void refuseOthers(Path folder, long seed) throws IOException {
        Path first = pictures(folder, 0);
        if (!Files.exists(first)) {
            return;
        }
        byte[] expected = new byte[BYTES];
        toBytes(TrainingScenes.scene(seed), expected, 0);
        try (InputStream there = Files.newInputStream(first)) {
            if (!Arrays.equals(expected, there.readNBytes(BYTES))) {
                throw new TrainingRefused("the scenes in " + folder
                        + " are of another seed or version; delete them, or choose another folder");
            }
        }
    }

    /** What is to be drawn where. */
    private record Drawing(Path folder, int count, long seed, BooleanSupplier stopped) {}

    private static void draw(Drawing drawing, int threads, IntConsumer progress) throws IOException {
        int count = drawing.count();
        int files = (count + SHARD - 1) / SHARD;
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> drawn = new ArrayList<>();
            int there = 0;
            for (int file = 0; file < files; file++) {
                int shard = file;
                int length = length(file, count);
                if (isThere(drawing.folder(), file, length)) {
                    there += length;
                } else {
                    drawn.add(workers.submit(() -> {
                        return drawShard(drawing, shard, length) ? length : 0;
                    }));
                }
            }
            progress.accept(there);
            for (Future<Integer> shard : drawn) {
                there += shard.get();
                progress.accept(there);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while drawing scenes", stop);
        } catch (ExecutionException failure) {
            throw new IllegalStateException("drawing scenes failed", failure.getCause());
        } finally {
            workers.shutdownNow();
        }
    }

    private static boolean isThere(Path folder, int file, int length) throws IOException {
        Path path = pictures(folder, file);
        return Files.exists(path) && Files.size(path) == (long) length * BYTES && Files.exists(texts(folder, file));
    }

    /** Whether it was not stopped in between. */
    private static boolean drawShard(Drawing drawing, int shard, int length) throws IOException {
        byte[] bytes = new byte[length * BYTES];
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < length; i++) {
            if (drawing.stopped().getAsBoolean()) {
                return false;
            }
            Scene scene = TrainingScenes.scene(drawing.seed() + (long) shard * SHARD + i);
            toBytes(scene, bytes, i * BYTES);
            lines.append(scene.content()).append('\n');
        }
        write(texts(drawing.folder(), shard), lines.toString().getBytes(StandardCharsets.UTF_8));
        write(pictures(drawing.folder(), shard), bytes);
        return true;
    }

    private static void toBytes(Scene scene, byte[] bytes, int at) {
        float[] rgb = scene.picture().rgb();
        for (int i = 0; i < BYTES; i++) {
            bytes[at + i] = (byte) Math.round(255 * rgb[i]);
        }
    }

    private static void write(Path path, byte[] bytes) throws IOException {
        Path aside = path.resolveSibling(path.getFileName() + ".part");
        Files.write(aside, bytes);
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path pictures(Path folder, int shard) {
        return folder.resolve(String.format("scenes-%05d.rgb", shard));
    }

    private static Path texts(Path folder, int shard) {
        return folder.resolve(String.format("scenes-%05d.txt", shard));
    }

    private static Tensor map(Path path, int length) {
        try (TensorScope scope = TensorScope.plain()) {
            long size = (long) length * BYTES;
            return TensorScope.keep(torch.from_file(
                            path.toString(),
                            new BoolOptional(false),
                            new LongOptional(size),
                            new TensorOptions(ScalarType.Byte))
                    .view(length, 3, SIZE, SIZE));
        }
    }

    int count() {
        return contents.size();
    }

    String content(int scene) {
        return contents.get(scene);
    }

    /** All different descriptions. */
    List<String> contents() {
        return contents.stream().distinct().toList();
    }

    /** Bytes of a scene, {@code [3, 256, 256]}; never written to. */
    Tensor pixels(int scene) {
        return shards.get(scene / SHARD).select(0, scene % SHARD);
    }

    @Override
    public void close() {
        shards.forEach(TensorScope::release);
        shards.clear();
    }
}
