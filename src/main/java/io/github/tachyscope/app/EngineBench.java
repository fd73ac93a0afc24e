package io.github.tachyscope.app;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.schedule.DeadlinePolicy;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.StepPolicy;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** What the engine itself costs: a scheduling decision, and a step's way to the device's thread and back. */
final class EngineBench {
    private static final int CANDIDATES = 256;
    private static final int MAX_BATCH = 8;
    private static final int WARM_UP = 20_000;
    private static final int ROUNDS = 20_000;
    private static final long SEED = 20_26;
    private static final long STEP_MICROS = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final RunId RUN = new RunId(1);
    private static final String PIPELINE = "passthrough";

    private final PrintStream out;

    EngineBench(PrintStream out) {
        this.out = out;
    }

    ExitCode run() throws Exception {
        out.printf("%n%-58s %10s %10s%n", "", "p50", "p99");
        print("scheduling decision among " + CANDIDATES + " waiting steps, us", decisions());
        print("step of a pipeline that does nothing, there and back, us", roundTrips());
        return ExitCode.OK;
    }

    private void print(String name, long[] nanos) {
        Arrays.sort(nanos);
        out.printf(
                Locale.ROOT,
                "%-58s %10.1f %10.1f%n",
                name,
                nanos[nanos.length / 2] / 1000.0,
                nanos[nanos.length * 99 / 100] / 1000.0);
    }

    private static long[] decisions() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<StepPolicy.Candidate> waiting = new ArrayList<>();
        for (int i = 0; i < CANDIDATES; i++) {
            boolean live = random.nextInt(4) > 0;
            waiting.add(new StepPolicy.Candidate(
                    new RunId(i),
                    i,
                    live ? Scheduler.Urgency.LIVE : Scheduler.Urgency.BATCH,
                    "pipeline-" + i % 3,
                    new BatchKey("pipeline-" + i % 3, StepKind.DENOISE, "512x512"),
                    MAX_BATCH,
                    0,
                    -random.nextLong(50_000),
                    random.nextLong(100_000),
                    -random.nextLong(50_000),
                    STEP_MICROS,
                    STEP_MICROS,
                    random.nextLong(100_000)));
        }
        StepPolicy policy = new DeadlinePolicy();
        long[] nanos = new long[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            long start = System.nanoTime();
            List<StepPolicy.Candidate> batch = policy.choose(
                    new StepPolicy.Queue(i & 0xFFFF, waiting, MAX_BATCH, 0, (key, size) -> STEP_MICROS + 300L * size));
            long end = System.nanoTime();
            if (batch.isEmpty()) {
                throw new IllegalStateException("no step was chosen");
            }
            if (i >= 0) {
                nanos[i] = end - start;
            }
        }
        return nanos;
    }

    private static long[] roundTrips() throws Exception {
        CompletableFuture<long[]> result = new CompletableFuture<>();
        ActorSystem<Object> system = ActorSystem.create(driver(result), "bench");
        try {
            return result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Plays the scheduler: feeds a picture, runs the one step that it asks for, and again. */
    private static Behavior<Object> driver(CompletableFuture<long[]> result) {
        return Behaviors.setup(context -> {
            ActorRef<Executor.Command> executor = context.spawn(
                    Executor.create(Device.cpu(), 2, PATIENCE, MediaClock.system()), "executor", Executor.dispatcher());
            executor.tell(new Executor.Attach(context.getSelf().narrow()));
            executor.tell(new Executor.Load(
                    PIPELINE,
                    new PassthroughProvider(),
                    Parameters.none(),
                    PATIENCE,
                    context.getSelf().narrow()));
            return new RoundTrips(executor, result).waiting();
        });
    }

    private static final class RoundTrips {
        private final ActorRef<Executor.Command> executor;
        private final CompletableFuture<long[]> result;
        private final long[] nanos = new long[ROUNDS];
        private int round = -WARM_UP;
        private long startNanos;

        RoundTrips(ActorRef<Executor.Command> executor, CompletableFuture<long[]> result) {
            this.executor = executor;
            this.result = result;
        }

        Behavior<Object> waiting() {
            return Behaviors.receive(Object.class)
                    .onMessage(Executor.Loaded.class, loaded -> {
                        executor.tell(new Executor.Open(
                                RUN, PIPELINE, new GenerationRequest(InputMode.VIDEO, Parameters.none())));
                        return Behaviors.same();
                    })
                    .onMessage(Executor.Opened.class, opened -> {
                        feed();
                        return Behaviors.same();
                    })
                    .onMessage(Executor.Standing.class, standing -> {
                        if (!standing.plans().isEmpty()) {
                            startNanos = System.nanoTime();
                            executor.tell(new Executor.Run(Lane.CODEC, List.of(RUN)));
                        }
                        return Behaviors.same();
                    })
                    .onMessage(Executor.BatchDone.class, done -> stepDone())
                    .onAnyMessage(other -> Behaviors.same())
                    .build();
        }

        private void feed() {
            byte[] grey = new byte[PixelFormat.I420.bytes(16, 16)];
            executor.tell(new Executor.Feed(RUN, List.of(VideoFrame.of(PixelFormat.I420, 16, 16, grey, 0))));
        }

        private Behavior<Object> stepDone() {
            if (round >= 0) {
                nanos[round] = System.nanoTime() - startNanos;
            }
            if (++round == ROUNDS) {
                result.complete(nanos);
            } else {
                feed();
            }
            return Behaviors.same();
        }
    }
}
