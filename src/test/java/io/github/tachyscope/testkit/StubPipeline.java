package io.github.tachyscope.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.global.torch;

/**
 * A text-mode pipeline of scripted steps: each chunk is {@code steps} denoising steps, the last of which gives one grey
 * frame. A run is named by its {@code name} parameter; one whose {@code misbehave} parameter is {@code fail},
 * {@code memory} or {@code hang} does so at the step {@link #misbehaveAt} of each chunk.
 */
public final class StubPipeline implements Pipeline, PipelineProvider {
    public static final String NAME = "name";
    public static final String MISBEHAVE = "misbehave";

    /** Batches in the order they ran, each the names of its runs. */
    public final List<List<String>> batches = new CopyOnWriteArrayList<>();

    /** Patches that generations got. */
    public final List<Parameters> patches = new CopyOnWriteArrayList<>();

    public final AtomicInteger openGenerations = new AtomicInteger();
    public final AtomicInteger closes = new AtomicInteger();
    public volatile int misbehaveAt = 0;

    /** While set, every step waits for it. */
    public volatile CountDownLatch gate = new CountDownLatch(0);

    private final int steps;
    private final int maxBatch;

    public StubPipeline(int steps, int maxBatch) {
        this.steps = steps;
        this.maxBatch = maxBatch;
    }

    @Override
    public PipelineSpec spec() {
        ModeDefaults text =
                new ModeDefaults(16, 16, new ChunkGeometry(0, 0, 1, 1), List.of(), Optional.empty(), Optional.empty());
        return new PipelineSpec(
                "stub",
                "Stub",
                "Scripted.",
                "1",
                Map.of(InputMode.TEXT, text),
                InputMode.TEXT,
                Set.of(),
                new ParameterSchema(List.of(CommonParameters.noiseScale(0.5))),
                maxBatch,
                0,
                0,
                Optional.empty(),
                false,
                1,
                1,
                4096);
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        progress.stage("Loading stub...");
        return this;
    }

    @Override
    public Generation open(GenerationRequest request) {
        openGenerations.incrementAndGet();
        return new StubGeneration(request.parameters());
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        batches.add(batch.stream().map(each -> ((StubGeneration) each).name()).toList());
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("interrupted");
        }
        return batch.stream().map(each -> ((StubGeneration) each).step()).toList();
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }

    private final class StubGeneration implements Generation {
        private Parameters parameters;
        private int demand;
        private int step;
        private long chunk;

        StubGeneration(Parameters parameters) {
            this.parameters = parameters;
        }

        String name() {
            return parameters.value(NAME).map(JsonNode::asText).orElse("");
        }

        StepResult step() {
            String how = parameters.value(MISBEHAVE).map(JsonNode::asText).orElse("");
            if (step == misbehaveAt) {
                switch (how) {
                    case "fail" -> throw new IllegalStateException("scripted failure");
                    case "memory" -> exhaust();
                    case "hang" -> hang();
                    default -> {}
                }
            }
            boolean last = step == steps - 1;
            List<VideoFrame> frames =
                    last ? List.of(VideoFrame.of(PixelFormat.RGB24, 16, 16, new byte[768], chunk)) : List.of();
            return () -> frames;
        }

        /** Asks LibTorch for a petabyte. */
        private void exhaust() {
            try (TensorScope scope = TensorScope.inference()) {
                torch.empty(1L << 48);
            }
        }

        private void hang() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException ended) {
                throw new IllegalStateException("hung and was interrupted");
            }
        }

        @Override
        public NextStep next(Lane lane) {
            if (demand == 0) {
                return NextStep.NeedsDemand.INSTANCE;
            }
            return lane == Lane.DENOISE
                    ? new NextStep.StepPlan(
                            new BatchKey("stub", StepKind.DENOISE, ""), chunk, step, steps - step - 1, 1)
                    : NextStep.Waits.INSTANCE;
        }

        @Override
        public void feed(List<VideoFrame> frames) {}

        @Override
        public void demand() {
            demand++;
        }

        @Override
        public void patch(Parameters patch) {
            patches.add(patch);
            parameters = parameters.merge(patch);
        }

        @Override
        public void commit(StepResult result) {
            step++;
            if (step == steps) {
                step = 0;
                chunk++;
                demand--;
            }
        }

        @Override
        public void dropChunk() {
            step = 0;
            demand = 0;
        }

        @Override
        public void close() {
            openGenerations.decrementAndGet();
        }
    }
}
