package io.github.tachyscope.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
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
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One frame in, one frame out, five steps over all lanes, with one or more chunks in flight; breaks where its script
 * says so and counts what it holds.
 */
public final class FragilePipeline implements PipelineProvider {
    /** The steps of a chunk. */
    public static final List<StepKind> STEPS =
            List.of(StepKind.TEXT_ENCODE, StepKind.IMAGE_ENCODE, StepKind.DENOISE, StepKind.DENOISE, StepKind.DECODE);

    public static final String NAME = "name";

    /** Instead of the position of a step: a preview between the two denoising steps. */
    public static final int LOOK = -1;

    private static final int BETWEEN = 3;

    /** What may go wrong where; whatever it throws is thrown there. */
    public interface Script {
        /**
         * On a lane thread. {@code attempt} counts the chunks that the run has begun, given up ones included;
         * {@code step} is {@link #LOOK} for a preview.
         */
        default void running(String run, Lane lane, int attempt, int step) {}

        /** On the executor's thread; {@code commits} of this run came before. */
        default void committing(String run, Lane lane, int commits) {}

        default void patching(String run) {}

        default void loading() {}
    }

    /** Patches that arrived, each with the number of commits of its run before it. */
    public record Patched(String run, int commits) {}

    public final AtomicInteger loads = new AtomicInteger();
    public final AtomicInteger closes = new AtomicInteger();
    public final AtomicInteger openGenerations = new AtomicInteger();
    public final AtomicInteger stepsBegun = new AtomicInteger();
    /** Results that were neither committed nor discarded. */
    public final AtomicInteger liveResults = new AtomicInteger();

    public final List<Patched> patches = new CopyOnWriteArrayList<>();
    public final CountedFrames frames = new CountedFrames();
    public volatile Script script = new Script() {};
    /** Whether generations offer previews. */
    public volatile boolean shows;

    private final int inFlight;
    private final int maxBatch;

    public FragilePipeline(int inFlight, int maxBatch) {
        this.inFlight = inFlight;
        this.maxBatch = maxBatch;
    }

    /** A request for a run of this name. */
    public static GenerationRequest request(String name) {
        return new GenerationRequest(InputMode.VIDEO, Parameters.of(Map.of(NAME, TextNode.valueOf(name))));
    }

    @Override
    public PipelineSpec spec() {
        ModeDefaults video = new ModeDefaults(
                16, 16, new ChunkGeometry(1, 1, 1, 1, inFlight), List.of(), Optional.empty(), Optional.empty());
        return new PipelineSpec(
                "fragile",
                "Fragile",
                "Breaks.",
                "1",
                Map.of(InputMode.VIDEO, video),
                InputMode.VIDEO,
                Set.of(),
                new ParameterSchema(List.of(CommonParameters.noiseScale(0.5))),
                maxBatch,
                1_000,
                100,
                Optional.empty(),
                false,
                1,
                1,
                4096);
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        script.loading();
        loads.incrementAndGet();
        return new Loaded();
    }

    private final class Loaded implements Pipeline {
        @Override
        public PipelineSpec spec() {
            return FragilePipeline.this.spec();
        }

        @Override
        public Generation open(GenerationRequest request) {
            openGenerations.incrementAndGet();
            return new Run(
                    request.parameters().value(NAME).map(JsonNode::asText).orElse(""));
        }

        @Override
        public List<StepResult> run(Lane lane, List<Generation> batch) {
            List<StepResult> results = new ArrayList<>();
            for (Generation each : batch) {
                try {
                    results.add(((Run) each).step(lane));
                } catch (RuntimeException | Error broken) {
                    results.forEach(StepResult::discard);
                    throw broken;
                }
            }
            return results;
        }

        @Override
        public void close() {
            closes.incrementAndGet();
        }
    }

    private final class Computed implements StepResult {
        private final Lane lane;
        private final List<VideoFrame> output;
        private final List<VideoFrame> seen;

        Computed(Lane lane, List<VideoFrame> output, List<VideoFrame> seen) {
            this.lane = lane;
            this.output = output;
            this.seen = seen;
            liveResults.incrementAndGet();
        }

        @Override
        public List<VideoFrame> previews() {
            return seen;
        }

        @Override
        public List<VideoFrame> frames() {
            return output;
        }

        @Override
        public void discard() {
            liveResults.decrementAndGet();
            output.forEach(VideoFrame::release);
            seen.forEach(VideoFrame::release);
        }
    }

    private static final class Work {
        final long chunk;
        final int attempt;
        final VideoFrame input;
        int step;
        boolean stepping;
        boolean looked;

        Work(long chunk, int attempt, VideoFrame input) {
            this.chunk = chunk;
            this.attempt = attempt;
            this.input = input;
        }

        StepKind kind() {
            return STEPS.get(step);
        }

        NextStep.StepPlan plan(StepKind kind) {
            return new NextStep.StepPlan(new BatchKey("fragile", kind, ""), chunk, step, STEPS.size() - step - 1, 1);
        }
    }

    private final class Run implements Generation {
        private final String name;
        private final Deque<Work> line = new ArrayDeque<>();
        private final Deque<VideoFrame> waiting = new ArrayDeque<>();
        private final Map<Lane, Work> current = new EnumMap<>(Lane.class);
        /** What the preview under way looks at. */
        private @Nullable Work looking;

        private int demand;
        private long finished;
        private int attempts;
        private int commits;

        Run(String name) {
            this.name = name;
        }

        StepResult step(Lane lane) {
            Work work = current.get(lane);
            if (looking != null && lane == Lane.CODEC) {
                script.running(name, lane, looking.attempt, LOOK);
                return new Computed(lane, List.of(), List.of(frames.take()));
            }
            stepsBegun.incrementAndGet();
            script.running(name, lane, work.attempt, work.step);
            boolean last = work.step == STEPS.size() - 1;
            return new Computed(lane, last ? List.of(frames.take()) : List.of(), List.of());
        }

        @Override
        public NextStep next(Lane lane) {
            Optional<Work> next = nextOn(lane);
            if (next.isPresent()) {
                return next.get().plan(next.get().kind());
            }
            Optional<Work> visible = visible();
            if (lane == Lane.CODEC && visible.isPresent()) {
                return visible.get().plan(StepKind.PREVIEW);
            }
            return line.isEmpty() && demand == 0 ? NextStep.NeedsDemand.INSTANCE : NextStep.Waits.INSTANCE;
        }

        private Optional<Work> nextOn(Lane lane) {
            return line.stream()
                    .filter(work -> !work.stepping && work.kind().lane() == lane)
                    .findFirst();
        }

        private Optional<Work> visible() {
            return line.stream()
                    .filter(work -> shows && looking == null && work.step == BETWEEN && !work.looked)
                    .findFirst();
        }

        @Override
        public void begin(Lane lane) {
            if (nextOn(lane).isEmpty()) {
                looking = visible().orElseThrow();
                looking.looked = true;
                return;
            }
            Work work = nextOn(lane).orElseThrow();
            work.stepping = true;
            current.put(lane, work);
        }

        @Override
        public void feed(List<VideoFrame> input) {
            waiting.addAll(input);
            admit();
        }

        @Override
        public void demand() {
            demand++;
            admit();
        }

        private void admit() {
            while (demand > 0 && !waiting.isEmpty()) {
                demand--;
                line.addLast(new Work(finished + line.size(), attempts++, waiting.removeFirst()));
            }
        }

        @Override
        public void patch(Parameters patch) {
            script.patching(name);
            patches.add(new Patched(name, commits));
        }

        @Override
        public void commit(StepResult result) {
            liveResults.decrementAndGet();
            if (!result.previews().isEmpty()) {
                looking = null;
                return;
            }
            Lane lane = ((Computed) result).lane;
            script.committing(name, lane, commits);
            commits++;
            Work work = current.remove(lane);
            work.stepping = false;
            work.step++;
            if (work.step == STEPS.size()) {
                line.remove(work);
                work.input.release();
                finished++;
            }
        }

        @Override
        public void previewFailed() {
            looking = null;
        }

        @Override
        public void dropChunk() {
            looking = null;
            current.clear();
            line.forEach(work -> work.input.release());
            line.clear();
            waiting.forEach(VideoFrame::release);
            waiting.clear();
            demand = 0;
        }

        @Override
        public void close() {
            dropChunk();
            openGenerations.decrementAndGet();
        }
    }
}
