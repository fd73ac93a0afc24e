package io.github.tachyscope.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.ChunkProgress;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * The pipeline {@code test-faulty}, which is there in tests only: black pictures, as many failing chunks as its
 * parameter {@code fail_chunks} says, an error that its device does not survive with {@code crash}, and with {@code hang}
 * a step that does not return before {@link #releaseHanging}.
 */
public final class FaultyProvider implements PipelineProvider {
    public static final String ID = "test-faulty";
    private static final String FAIL_CHUNKS = "fail_chunks";
    private static final String CRASH = "crash";
    private static final String HANG = "hang";
    private static final int SIDE = 64;
    private static final AtomicBoolean CRASH_ONCE = new AtomicBoolean();
    private static volatile CountDownLatch hanging = new CountDownLatch(1);
    private static final ChunkGeometry GEOMETRY = new ChunkGeometry(0, 0, 3, 3);

    @Override
    public PipelineSpec spec() {
        return new PipelineSpec(
                ID,
                "Faulty",
                "Fails when it is told to.",
                "1",
                Map.of(
                        InputMode.TEXT,
                        new ModeDefaults(SIDE, SIDE, GEOMETRY, List.of(), Optional.empty(), Optional.empty())),
                InputMode.TEXT,
                Set.of(),
                new ParameterSchema(List.of(
                        oneShot(FAIL_CHUNKS, "How many of the next chunks fail"),
                        oneShot(CRASH, "1 breaks the device, 2 only after crashOnce"),
                        oneShot(HANG, "1 lets a step hang"))),
                1,
                0,
                0,
                Optional.empty(),
                false,
                1,
                SIDE,
                SIDE);
    }

    private static ParameterSpec oneShot(String name, String what) {
        return new ParameterSpec(name, ParameterSpec.Kind.ONE_SHOT, CommonParameters.integer(what, 0, 0, 100));
    }

    /** The next run that is told to crash breaks the device, and none after it. */
    public static void crashOnce() {
        CRASH_ONCE.set(true);
    }

    /** Lets all steps that hang return. */
    public static void releaseHanging() {
        hanging.countDown();
        hanging = new CountDownLatch(1);
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        return new Faulty(spec());
    }

    private record Faulty(PipelineSpec spec) implements Pipeline {
        @Override
        public Generation open(GenerationRequest request) {
            return new Run(request.parameters());
        }

        @Override
        public List<StepResult> run(Lane lane, List<Generation> batch) {
            return batch.stream().map(each -> ((Run) each).step()).toList();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static final class Run implements Generation {
        private final ChunkProgress progress = new ChunkProgress(GEOMETRY);
        private int toFail;
        private boolean crash;
        private boolean hang;

        Run(Parameters initial) {
            patch(initial);
        }

        StepResult step() {
            if (toFail > 0) {
                throw new IllegalStateException("told to fail");
            }
            if (hang) {
                awaitRelease();
            }
            List<VideoFrame> frames = Stream.generate(Run::black).limit(3).toList();
            return () -> frames;
        }

        private static VideoFrame black() {
            return VideoFrame.of(PixelFormat.RGB24, SIDE, SIDE, new byte[PixelFormat.RGB24.bytes(SIDE, SIDE)], 0);
        }

        /** Deaf to interrupts, as native code is. */
        private static void awaitRelease() {
            CountDownLatch release = hanging;
            boolean released = false;
            while (!released) {
                try {
                    release.await();
                    released = true;
                } catch (InterruptedException deaf) {
                    continue;
                }
            }
        }

        @Override
        public NextStep next(Lane lane) {
            if (!progress.begun()) {
                return progress.idle();
            }
            return lane == Lane.DENOISE
                    ? new NextStep.StepPlan(new BatchKey(ID, StepKind.DENOISE, ""), progress.chunkIndex(), 0, 0, 1)
                    : NextStep.Waits.INSTANCE;
        }

        @Override
        public void feed(List<VideoFrame> frames) {
            progress.feed(frames);
            progress.begin();
        }

        @Override
        public void demand() {
            progress.demand();
            progress.begin();
        }

        @Override
        public void patch(Parameters patch) {
            patch.value(FAIL_CHUNKS).map(JsonNode::asInt).ifPresent(count -> toFail = count);
            crash |= patch.value(CRASH)
                    .filter(set -> set.asInt() == 1 || set.asInt() == 2 && CRASH_ONCE.getAndSet(false))
                    .isPresent();
            hang |= patch.value(HANG).filter(set -> set.asInt() > 0).isPresent();
        }

        @Override
        public void commit(StepResult result) {
            if (crash) {
                throw new NoClassDefFoundError("told to break the device");
            }
            progress.chunkDone();
            progress.begin();
        }

        @Override
        public void dropChunk() {
            progress.drop();
            toFail = Math.max(0, toFail - 1);
        }

        @Override
        public void close() {
            progress.drop();
        }
    }
}
