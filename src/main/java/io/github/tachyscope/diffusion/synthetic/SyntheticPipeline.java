package io.github.tachyscope.diffusion.synthetic;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;

/** The steps; what they need of a session they read from its generation and change nothing in it. */
final class SyntheticPipeline implements Pipeline {
    /** 16 frames per second in text mode. */
    static final long FRAME_MICROS = 62_500;

    /** Each further generation of a batch costs this part of a step alone, so that batching pays as on a GPU. */
    private static final double BATCH_INCREMENT = 0.15;

    private static final int PATTERNS = 8;

    /** Most seeds whose patterns are kept; more are computed anew. */
    private static final int MAX_SEEDS = 32;

    /** A size costs its pool of pictures, of 6 MiB each at most. */
    private static final int MOST_SIZES = 16;

    /** Pooled pictures of a size: two chunks. */
    private static final int POOLED_FRAMES = 24;

    private final PipelineSpec spec;
    private final Parameters loaded;
    private final PictureSize size;
    private final double stepNanosPerPixel;
    private final SharedBySize<Painter> painters;
    private final Map<Long, float[][]> patternsBySeed = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, float[][]> eldest) {
            return size() > MAX_SEEDS;
        }
    };

    /** @param size of the pictures of runs that ask for none of their own */
    SyntheticPipeline(PipelineSpec spec, Parameters loaded, PictureSize size) {
        this.spec = spec.loadedFor(size);
        this.loaded = loaded;
        this.size = size;
        double stepNanos = loaded.value(SyntheticProvider.STEP_COST)
                        .map(JsonNode::asDouble)
                        .orElse(0.0)
                * 1e6;
        this.stepNanosPerPixel = stepNanos / size.pixels();
        this.painters = new SharedBySize<>(MOST_SIZES, SyntheticPipeline::painter, painter -> {});
    }

    private static Painter painter(PictureSize size) {
        return new Painter(size.width(), size.height(), new FramePool(POOLED_FRAMES));
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Generation open(GenerationRequest request) {
        PictureSize wanted = request.size().orElse(size);
        spec.requireSize(wanted, size);
        return new SyntheticGeneration(
                request.mode(),
                spec.modes().get(request.mode()),
                new RunSize<>(painters, wanted, spec.smaller(wanted)),
                loaded.merge(request.parameters()));
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        long start = System.nanoTime();
        List<StepResult> results = new ArrayList<>();
        boolean denoised = false;
        for (Generation generation : batch) {
            SyntheticGeneration state = (SyntheticGeneration) generation;
            denoised |= lane == Lane.DENOISE;
            results.add(lane == Lane.CODEC && state.look != null ? preview(state.look) : compute(state));
        }
        if (denoised) {
            hold(start + (long) (stepNanos(batch) * (1 + BATCH_INCREMENT * (batch.size() - 1))));
        }
        return results;
    }

    private StepResult compute(SyntheticGeneration state) {
        return switch (state.kind()) {
            case TEXT_ENCODE -> new Computed.Prompt(state.encodePrompt());
            case IMAGE_ENCODE -> Camera.encode(state.progress.input());
            case DENOISE -> new Computed.Latents(denoise(state));
            case DECODE -> new Computed.Pictures(decode(state));
            case CACHE_UPDATE, PREVIEW -> throw new IllegalStateException("no such step in this pipeline");
        };
    }

    /** Of one generation alone; those of a batch have pictures of one size. */
    private double stepNanos(List<Generation> batch) {
        return stepNanosPerPixel * ((SyntheticGeneration) batch.get(0)).size().pixels();
    }

    private static void hold(long untilNanos) {
        long left = untilNanos - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new CancellationException("interrupted");
            }
            left = untilNanos - System.nanoTime();
        }
    }

    private float[] denoise(SyntheticGeneration state) {
        int index = state.denoiseIndex();
        float[] latents = index == 0 ? start(state) : state.latents;
        Style style = new Style(state.track.present());
        float[][] patterns = patterns(state.controls.seed());
        double phase = state.progress.chunkIndex() * 0.5;
        float[] share = new float[PATTERNS];
        for (int k = 0; k < PATTERNS; k++) {
            share[k] = style.pattern(k, phase) * 0.55f;
        }
        float now = Math.max(1, state.timestep(index));
        float keep = Math.min(1, state.timestep(index + 1) / now) * 0.5f;
        float warp = 2 + 4 * now / 1000;
        float[] denoised = new float[Field.CELLS];
        for (int y = 0; y < Field.SIZE; y++) {
            for (int x = 0; x < Field.SIZE; x++) {
                int i = y * Field.SIZE + x;
                int moved = (y + Math.round(latents[(i + 17) % Field.CELLS] * warp) & Field.MASK) * Field.SIZE
                        + (x + Math.round(latents[i] * warp) & Field.MASK);
                float guess = 0;
                for (int k = 0; k < PATTERNS; k++) {
                    guess += share[k] * patterns[k][moved];
                }
                guess += state.memory == null ? 0 : 0.3f * state.memory[i];
                guess += state.encoded == null ? 0 : 0.3f * state.encoded[i];
                guess = guess / (1 + Math.abs(guess) * 0.5f);
                denoised[i] = guess + keep * (latents[i] - guess);
            }
        }
        return denoised;
    }

    private float[] start(SyntheticGeneration state) {
        float[] noise = Field.smooth(state.controls.seed() + 3 * state.progress.chunkIndex(), 8);
        float scale = state.mode == InputMode.VIDEO ? (float) state.noiseScale : 1;
        float strength = state.timestep(0) / 1000f;
        float[] encoded = state.encoded;
        for (int i = 0; i < noise.length; i++) {
            noise[i] = strength * scale * noise[i] + (encoded == null ? 0 : encoded[i] * (1 - scale));
        }
        return noise;
    }

    private float[][] patterns(long seed) {
        synchronized (patternsBySeed) {
            return patternsBySeed.computeIfAbsent(seed, key -> {
                float[][] fields = new float[PATTERNS][];
                for (int k = 0; k < PATTERNS; k++) {
                    fields[k] = Field.smooth(key * 1_000_003 + k, 2 << k % 3);
                }
                return fields;
            });
        }
    }

    /** A picture of the size of the latents. */
    private static StepResult preview(SyntheticGeneration.Look look) {
        float[] soft = Field.soften(look.latents());
        FramePool once = new FramePool(1);
        Painter painter = new Painter(Field.SIZE, Field.SIZE, once);
        VideoFrame small = painter.paint(
                Painter.fixed(soft, soft, 1), new Style(look.track().present()), look.ptsMicros());
        VideoFrame seen = PixelConversion.toRgb24(small, once);
        small.release();
        return new Computed.Seen(List.of(seen));
    }

    private List<VideoFrame> decode(SyntheticGeneration state) {
        Style style = new Style(state.track.present());
        float[] to = Field.soften(state.latents);
        float[] from = state.memory == null ? to : Field.soften(state.memory);
        List<VideoFrame> input = state.progress.input();
        Painter painter = state.painter();
        int count = state.progress.framesOut();
        List<VideoFrame> frames = new ArrayList<>(count);
        for (int n = 0; n < count; n++) {
            int[] field = Painter.fixed(from, to, (float) (n + 1) / count);
            frames.add(
                    state.mode == InputMode.VIDEO
                            ? painter.restyle(input.get(n), field, style, state.noiseScale)
                            : painter.paint(field, style, state.nextPtsMicros + n * FRAME_MICROS));
        }
        return frames;
    }

    @Override
    public void close() {}
}
