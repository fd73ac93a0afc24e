package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.tensor.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Networks of almost nothing, so that a test sees the state machine: latents are shrunk pictures, denoising mixes in a
 * number drawn from the prompt, and everything is told.
 */
final class PlainNetworks implements Networks {
    static final int WIDTH = 4;
    static final int ROWS = 3;
    private static final int COPIES = 4;

    final List<String> encodedTexts = new CopyOnWriteArrayList<>();
    final List<Double> sigmas = new CopyOnWriteArrayList<>();
    final List<float[]> guided = new CopyOnWriteArrayList<>();
    final AtomicInteger openGuidance = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    /** What the next step throws, once. */
    volatile @Nullable RuntimeException failure;

    /** What denoising for a prompt does first, by the prompt's mean, whoever else is in the batch. */
    private final Map<Float, Runnable> traps = new ConcurrentHashMap<>();

    /** While set, every denoising waits for it. */
    volatile CountDownLatch denoiseWaits = new CountDownLatch(0);

    /** Counted down by every encoding but the first. */
    volatile @Nullable CountDownLatch encodeReleases;

    final AtomicInteger encodings = new AtomicInteger();

    private record Mood(float value, AtomicInteger open) implements Guidance {
        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    /** Whoever denoises for {@code text} runs this. */
    void trap(String text, Runnable trap) {
        traps.put(mean(prompt(text)), trap);
    }

    void untrap() {
        traps.clear();
    }

    private static float mean(float[] prompt) {
        float sum = 0;
        for (float value : prompt) {
            sum += value;
        }
        return sum / prompt.length;
    }

    static float[] prompt(String text) {
        SplittableRandom random = new SplittableRandom(text.hashCode());
        float[] prompt = new float[ROWS * WIDTH];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = (float) random.nextDouble(-1, 1);
        }
        return prompt;
    }

    private void failIfAsked() {
        RuntimeException wanted = failure;
        failure = null;
        if (wanted != null) {
            throw wanted;
        }
    }

    @Override
    public int promptWidth() {
        return WIDTH;
    }

    @Override
    public int latentChannels() {
        return 3 * COPIES;
    }

    @Override
    public Placement placement() {
        return Placement.CPU;
    }

    @Override
    public List<float[]> prompts(List<String> texts) {
        failIfAsked();
        encodedTexts.addAll(texts);
        return texts.stream().map(PlainNetworks::prompt).toList();
    }

    @Override
    public Tensor encode(Tensor pictures) {
        failIfAsked();
        CountDownLatch waiting = encodeReleases;
        if (encodings.incrementAndGet() > 1 && waiting != null) {
            waiting.countDown();
        }
        Tensor small = torch.avg_pool2d(pictures, TinyForm.REDUCTION);
        TensorVector copies = new TensorVector(COPIES);
        for (int i = 0; i < COPIES; i++) {
            copies.put(i, small);
        }
        return torch.cat(copies, 1);
    }

    @Override
    public Guidance guidance(float[] prompt) {
        guided.add(prompt);
        openGuidance.incrementAndGet();
        return new Mood(mean(prompt), openGuidance);
    }

    @Override
    public Tensor denoise(Tensor noisy, double[] levels, List<Guidance> guidance) {
        try {
            denoiseWaits.await();
        } catch (InterruptedException ended) {
            throw new IllegalStateException("interrupted");
        }
        failIfAsked();
        for (Guidance each : guidance) {
            traps.getOrDefault(((Mood) each).value(), () -> {}).run();
        }
        List<Tensor> rows = new ArrayList<>();
        for (int i = 0; i < levels.length; i++) {
            sigmas.add(levels[i]);
            rows.add(noisy.narrow(0, i, 1)
                    .mul(new Scalar(0.8))
                    .add(new Scalar(0.2 * ((Mood) guidance.get(i)).value() + 0.01 * levels[i])));
        }
        return torch.cat(new TensorVector(rows.toArray(new Tensor[0])), 0);
    }

    @Override
    public Tensor decode(Tensor latents) {
        failIfAsked();
        Tensor colours = latents.narrow(1, 0, 3);
        long side = TinyForm.REDUCTION;
        long rows = colours.size(2);
        long columns = colours.size(3);
        return colours.unsqueeze(3)
                .unsqueeze(5)
                .expand(colours.size(0), 3, rows, side, columns, side)
                .reshape(colours.size(0), 3, rows * side, columns * side)
                .mul(new Scalar(0.5))
                .add(new Scalar(0.25));
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }
}
