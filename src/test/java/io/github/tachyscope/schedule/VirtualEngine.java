package io.github.tachyscope.schedule;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.testkit.CountedFrames;
import io.github.tachyscope.testkit.ManualClock;
import io.github.tachyscope.testkit.StubPipeline;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;
import org.apache.pekko.actor.testkit.typed.javadsl.BehaviorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The real scheduler over devices that only pretend to compute, in virtual time: one thread, no waiting, the same course
 * every time.
 */
final class VirtualEngine {
    /** What a run does in each chunk. */
    record Work(List<StepKind> steps, String form) {
        static Work denoising(int steps, String form) {
            return new Work(java.util.Collections.nCopies(steps, StepKind.DENOISE), form);
        }
    }

    /** A step that ran; for a preview {@code step} is the number of steps before it. */
    record Ran(RunId run, long chunk, int step, int batch, long startMicros, long endMicros) {}

    private record Event(long micros, long number, Runnable action) {}

    final ManualClock clock = new ManualClock();
    final List<Ran> ran = new ArrayList<>();
    final List<Ran> previewed = new ArrayList<>();
    /** What the owners of watched runs were told. */
    final List<Scheduler.StepNews> news = new ArrayList<>();

    final CountedFrames frames = new CountedFrames();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::micros).thenComparingLong(Event::number));
    private final List<VirtualDevice> devices = new ArrayList<>();
    private final Map<RunId, Work> works = new LinkedHashMap<>();
    private final Map<RunId, Consumer<Scheduler.ChunkReply>> clients = new LinkedHashMap<>();
    private final TestInbox<Scheduler.ChunkReply> replies = TestInbox.create();
    private final TestInbox<Scheduler.OpenReply> opens = TestInbox.create();
    private final TestInbox<Scheduler.StepNews> steps = TestInbox.create();
    private final Set<RunId> watched = new HashSet<>();
    private final ToLongBiFunction<StepKind, Integer> cost;
    private final int slots;
    private final PipelineSpec spec;
    private final BehaviorTestKit<Scheduler.Command> scheduler;
    private long numbers;
    /** Whether a step fails, asked once for each. */
    Predicate<RunId> fails = run -> false;
    /** Whether a preview fails, asked once for each. */
    Predicate<RunId> blind = run -> false;

    VirtualEngine(int devices, int slots, int maxBatch, StepPolicy policy, ToLongBiFunction<StepKind, Integer> cost) {
        this(devices, slots, maxBatch, policy, LoadSettings.unlimited(), cost);
    }

    VirtualEngine(
            int devices,
            int slots,
            int maxBatch,
            StepPolicy policy,
            LoadSettings load,
            ToLongBiFunction<StepKind, Integer> cost) {
        this.slots = slots;
        this.cost = cost;
        this.spec = new StubPipeline(1, maxBatch).spec().as("virtual");
        for (int i = 0; i < devices; i++) {
            this.devices.add(new VirtualDevice(i));
        }
        EngineSettings settings = new EngineSettings(
                4_096, maxBatch, slots, 1, EngineSettings.AUTO, Duration.ofSeconds(60), Duration.ofHours(9), 16);
        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        scheduler = BehaviorTestKit.create(Scheduler.create(
                new Scheduler.Setup(settings, load, policy, Duration.ofSeconds(5), clock, new Timeline(16), metrics),
                this.devices.stream().map(each -> each.inbox.getRef()).toList()));
        settle();
    }

    /** Opens a run whose estimates somebody wants to see. */
    Scheduler.OpenReply openWatched(
            RunId id, Work work, Scheduler.Urgency urgency, Consumer<Scheduler.ChunkReply> client) {
        watched.add(id);
        return open(id, work, urgency, 1, client);
    }

    /** Opens a run; what is answered to its requests goes to the client. */
    Scheduler.OpenReply open(
            RunId id, Work work, Scheduler.Urgency urgency, double weight, Consumer<Scheduler.ChunkReply> client) {
        works.put(id, work);
        clients.put(id, client);
        tell(new Scheduler.OpenRun(
                id,
                "owner-" + id,
                "virtual",
                new GenerationRequest(InputMode.TEXT, Parameters.none()),
                urgency,
                weight,
                watched.contains(id) ? Optional.of(steps.getRef()) : Optional.empty(),
                opens.getRef()));
        return opens.receiveMessage();
    }

    void ask(RunId id, long deadlineMicros) {
        tell(new Scheduler.Produce(id, List.of(), deadlineMicros, replies.getRef()));
    }

    void tell(Scheduler.Command command) {
        scheduler.run(command);
        settle();
    }

    void at(long micros, Runnable action) {
        events.add(new Event(micros, numbers++, action));
    }

    /** Lets the scheduler look at the load once a second, as its timer does. */
    void adjustEverySecond() {
        at(clock.micros() + 1_000_000, () -> {
            scheduler.run(Scheduler.AdjustQuality.INSTANCE);
            adjustEverySecond();
        });
    }

    /** Lets virtual time pass. */
    void runUntil(long micros) {
        while (!events.isEmpty() && events.peek().micros() <= micros) {
            Event next = events.remove();
            clock.set(next.micros());
            next.action().run();
            settle();
        }
        clock.set(micros);
    }

    /** Whether nothing is left to happen. */
    boolean quiet() {
        return events.isEmpty();
    }

    /** Share of the time up to now that the threads of all devices computed. */
    double busy() {
        long sum = devices.stream().mapToLong(each -> each.busyMicros).sum();
        return (double) sum / ((double) clock.micros() * devices.size());
    }

    List<Integer> heldByDevice() {
        return devices.stream().map(each -> each.runs.size()).toList();
    }

    /** Runs that devices hold. */
    int held() {
        return devices.stream().mapToInt(each -> each.runs.size()).sum();
    }

    // Messages go to and fro until nobody has anything more to say.
    private void settle() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (VirtualDevice device : devices) {
                while (device.inbox.hasMessages()) {
                    device.handle(device.inbox.receiveMessage());
                    moved = true;
                }
            }
            while (scheduler.selfInbox().hasMessages()) {
                scheduler.runOne();
                moved = true;
            }
            while (steps.hasMessages()) {
                Scheduler.StepNews told = steps.receiveMessage();
                news.add(told);
                if (told instanceof Scheduler.Previewed seen) {
                    seen.frames().forEach(VideoFrame::release);
                }
                moved = true;
            }
            while (replies.hasMessages()) {
                Scheduler.ChunkReply reply = replies.receiveMessage();
                clients.get(runOf(reply)).accept(reply);
                moved = true;
            }
        }
    }

    static RunId runOf(Scheduler.ChunkReply reply) {
        return reply instanceof Scheduler.ChunkReady ready ? ready.runId() : ((Scheduler.ChunkFailed) reply).runId();
    }

    private final class VirtualRun {
        final RunId id;
        final Work work;
        int demand;
        long chunk;
        int step;
        boolean stepping;
        boolean closing;
        boolean dropping;
        boolean encodes;
        /** Whether its estimates can be seen; of those after how many steps the last one was; whether one is under way. */
        boolean shows;

        int shown;
        boolean previewing;

        VirtualRun(RunId id, Work work) {
            this.id = id;
            this.work = work;
            this.shows = watched.contains(id);
        }

        StepKind kind() {
            return encodes ? StepKind.TEXT_ENCODE : work.steps().get(step);
        }

        Optional<StepPlan> preview() {
            boolean estimate = step > 0 && work.steps().get(step - 1) == StepKind.DENOISE;
            return shows && estimate && !previewing && shown < step && kind().lane() != Lane.CODEC
                    ? Optional.of(plan(StepKind.PREVIEW))
                    : Optional.empty();
        }

        StepPlan plan(StepKind kind) {
            int left = work.steps().size() - step - (encodes ? 0 : 1);
            BatchKey key = new BatchKey("virtual", kind, encodes ? "text" : work.form());
            return new StepPlan(key, chunk, step, left, cost.applyAsLong(kind, 1) / 1_000.0);
        }

        void drop() {
            dropping = stepping || previewing;
            demand = 0;
            step = 0;
            shown = 0;
        }

        Executor.Standing standing() {
            List<StepPlan> plans = new ArrayList<>();
            if (demand > 0 && !closing && !dropping) {
                if (!stepping) {
                    plans.add(plan(kind()));
                }
                preview().ifPresent(plans::add);
            }
            return new Executor.Standing(id, plans, 0, List.of());
        }
    }

    /** Answers as an executor does, and lets a batch take its time. */
    private final class VirtualDevice {
        final TestInbox<Executor.Command> inbox;
        final Map<RunId, VirtualRun> runs = new LinkedHashMap<>();
        final boolean[] busy = new boolean[slots];
        final int index;
        long busyMicros;
        ActorRef<Executor.Event> listener;

        VirtualDevice(int index) {
            this.index = index;
            this.inbox = TestInbox.create("device-" + index);
        }

        void handle(Executor.Command command) {
            if (command instanceof Executor.Attach attach) {
                listener = attach.listener();
                listener.tell(new Executor.Attached(
                        inbox.getRef(),
                        new Device("virtual:" + index, Placement.CPU, Long.MAX_VALUE, 1),
                        slots,
                        Map.of("virtual", spec)));
            } else if (command instanceof Executor.Open open) {
                runs.put(open.runId(), new VirtualRun(open.runId(), works.get(open.runId())));
                listener.tell(new Executor.Opened(open.runId()));
            } else if (command instanceof Executor.Feed feed) {
                with(feed.runId(), run -> {
                    run.demand++;
                    listener.tell(run.standing());
                });
            } else if (command instanceof Executor.Patch patch) {
                with(patch.runId(), run -> {
                    run.encodes = true;
                    listener.tell(run.standing());
                });
            } else if (command instanceof Executor.Economize economize) {
                with(economize.runId(), run -> listener.tell(run.standing()));
            } else if (command instanceof Executor.Drop drop) {
                with(drop.runId(), run -> {
                    run.drop();
                    listener.tell(run.standing());
                });
            } else if (command instanceof Executor.Close close) {
                VirtualRun run = runs.remove(close.runId());
                if (run == null) {
                    throw new IllegalStateException(close.runId() + " was closed twice");
                }
                run.closing = true;
            } else if (command instanceof Executor.Run run) {
                run(run.lane(), run.batch());
            } else {
                throw new IllegalStateException("unexpected " + command);
            }
        }

        private void with(RunId id, Consumer<VirtualRun> action) {
            VirtualRun run = runs.get(id);
            if (run != null) {
                action.accept(run);
            }
        }

        private void run(Lane lane, List<RunId> batch) {
            int slot = Executor.slotOf(lane, slots);
            if (busy[slot]) {
                throw new IllegalStateException("two batches at once on slot " + slot + " of device " + index);
            }
            List<VirtualRun> members = new ArrayList<>();
            List<StepPlan> plans = new ArrayList<>();
            for (RunId id : batch) {
                VirtualRun run = runs.get(id);
                boolean step = run != null
                        && run.demand > 0
                        && !run.stepping
                        && run.kind().lane() == lane;
                if (!step
                        && (run == null
                                || run.demand == 0
                                || lane != Lane.CODEC
                                || run.preview().isEmpty())) {
                    throw new IllegalStateException(id + " has no step to run on " + lane + " in " + batch);
                }
                plans.add(run.plan(step ? run.kind() : StepKind.PREVIEW));
                members.add(run);
                if (step) {
                    run.stepping = true;
                } else {
                    run.previewing = true;
                    run.shown = run.step;
                }
            }
            if (plans.stream().map(StepPlan::key).distinct().count() > 1) {
                throw new IllegalStateException("steps that do not fit together: " + plans);
            }
            busy[slot] = true;
            long start = clock.micros();
            long takes = cost.applyAsLong(plans.get(0).key().kind(), members.size());
            busyMicros += takes;
            at(start + takes, () -> {
                busy[slot] = false;
                List<Executor.RunOutcome> outcomes = new ArrayList<>();
                for (int i = 0; i < members.size(); i++) {
                    outcomes.add(end(members.get(i), plans.get(i), members.size(), start));
                }
                listener.tell(new Executor.BatchDone(inbox.getRef(), lane, outcomes, start, takes));
            });
        }

        private Executor.RunOutcome end(VirtualRun run, StepPlan plan, int size, long start) {
            boolean preview = plan.key().kind() == StepKind.PREVIEW;
            if (preview) {
                run.previewing = false;
            } else {
                run.stepping = false;
            }
            Optional<Chunk> chunk = Optional.empty();
            Optional<Executor.StepFailure> failure = Optional.empty();
            List<VideoFrame> seen = List.of();
            if (run.closing) {
                return new Executor.RunOutcome(plan, run.standing(), chunk, seen, failure);
            }
            Ran done = new Ran(run.id, run.chunk, run.encodes ? -1 : plan.stepIndex(), size, start, clock.micros());
            (preview ? previewed : ran).add(done);
            if (run.dropping) {
                run.dropping = run.stepping || run.previewing;
            } else if (preview) {
                run.shows = !blind.test(run.id);
                seen = run.shows ? List.of(frames.take()) : seen;
            } else if (fails.test(run.id)) {
                failure = Optional.of(new Executor.StepFailure("scripted", false));
                run.drop();
            } else if (run.encodes) {
                run.encodes = false;
            } else if (++run.step == run.work.steps().size()) {
                chunk = Optional.of(new Chunk(run.chunk++, List.of(), run.step, 0));
                run.step = 0;
                run.shown = 0;
                run.demand--;
            }
            return new Executor.RunOutcome(plan, run.standing(), chunk, seen, failure);
        }
    }

    /** Latencies in order; the share {@code q} of them is no longer than the result. */
    static long quantile(List<Long> latencies, double q) {
        long[] sorted = latencies.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    }
}
