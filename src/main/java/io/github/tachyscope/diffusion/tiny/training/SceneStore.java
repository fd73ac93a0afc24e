package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.tiny.scene.Scene;
import io.github.tachyscope.diffusion.tiny.scene.TrainingScenes;
import io.github.tachyscope.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * scenes-00000.rgb   250 pictures of 3 x 256 x 256 bytes, planar
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
     * @param count number of scenes, rounded up to whole files
     * @param seed of the first scene; the others follow
     * @param progress told how many scenes are there
     */
    static SceneStore open(Path folder, int count, long seed, int threads, IntConsumer progress) {
        try {
            Files.createDirectories(folder);
            int files = (count + SHARD - 1) / SHARD;
            draw(folder, files, seed, threads, progress);
            SceneStore store = new SceneStore();
            for (int file = 0; file < files; file++) {
                store.shards.add(map(pictures(folder, file)));
                store.contents.addAll(Files.readAllLines(texts(folder, file)));
            }
            return store;
        } catch (IOException failure) {
            throw new UncheckedIOException("the scenes in " + folder + " cannot be written or read", failure);
        }
    }

    private static void draw(Path folder, int files, long seed, int threads, IntConsumer progress) {
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> drawn = new ArrayList<>();
            for (int file = 0; file < files; file++) {
                int shard = file;
                if (!Files.exists(pictures(folder, file)) || !Files.exists(texts(folder, file))) {
                    drawn.add(workers.submit(() -> {
                        drawShard(folder, shard, seed);
                        return null;
                    }));
                }
            }
            int there = (files - drawn.size()) * SHARD;
            progress.accept(there);
            for (Future<?> shard : drawn) {
                shard.get();
                there += SHARD;
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

    private static void drawShard(Path folder, int shard, long seed) throws IOException {
        byte[] bytes = new byte[SHARD * BYTES];
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < SHARD; i++) {
            Scene scene = TrainingScenes.scene(seed + (long) shard * SHARD + i);
            float[] rgb = scene.picture().rgb();
            for (int j = 0; j < BYTES; j++) {
                bytes[i * BYTES + j] = (byte) Math.round(255 * rgb[j]);
            }
            lines.append(scene.content()).append('\n');
        }
        write(texts(folder, shard), lines.toString().getBytes(StandardCharsets.UTF_8));
        write(pictures(folder, shard), bytes);
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

    private static Tensor map(Path path) {
        try (TensorScope scope = TensorScope.plain()) {
            long size = (long) SHARD * BYTES;
            return TensorScope.keep(torch.from_file(
                            path.toString(),
                            new BoolOptional(false),
                            new LongOptional(size),
                            new TensorOptions(ScalarType.Byte))
                    .view(SHARD, 3, SIZE, SIZE));
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
