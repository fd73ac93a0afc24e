package io.github.tachyscope.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Runs a freshly loaded pipeline in the shapes that it will serve, so that nobody's first chunk pays for what libraries
 * prepare at the first use of a shape, and so that the scheduler knows from the start what steps cost: its default mode
 * and size, in batches of 1, 2, 4, ... sessions. The pictures are grey; what comes out is thrown away.
 *
 * <pre>
 *   for each batch size:  open runs until there are so many
 *     for each round:     suspend all --> ask each for a chunk --> (all have their input) --> resume all at once
 *                         --> all chunks there
 *   sizes through, a refusal, a failed chunk, or time up --> close all, Ended
 * </pre>
 *
 * <p>Steps share a batch only if they wait at the same moment, so the runs of a round are let go together. That all have
 * their input is known from the opening of one more run, which the device answers after it has taken the inputs.
 */
public final class WarmUp {

    /** What warm-ups are made of. */
    public record Setup(ActorRef<Scheduler.Command> scheduler, int maxBatch, Duration limit, AtomicLong runNumbers) {}

    /**
     * The pipeline is as warm as it will be.
     *
     * @param sizes batch sizes that were run through, ascending
     * @param note why there are not more; empty if all were
     */
    public record Ended(String pipelineKey, List<Integer> sizes, String note) {}

    public sealed interface Command {}

    private record OpenAnswered(Scheduler.OpenReply reply) implements Command {}

    private record ChunkAnswered(Scheduler.ChunkReply reply) implements Command {}

    private enum TimeUp implements Command {
        INSTANCE
    }

    /** Name of the runs in the timeline. */
    static final String OWNER = "warm-up";

    /** The first chunks of a size pay for the preparation, the next ones tell what steps cost. */
    private static final int ROUNDS = 2;

    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final long FRAME_MICROS = 33_333;

    private final ActorContext<Command> context;
    private final Setup setup;
    private final String pipelineKey;
    private final ActorRef<Ended> replyTo;
    private final GenerationRequest request;
    private final ChunkGeometry geometry;
    private final int width;
    private final int height;
    private final int mostAtOnce;
    private final ActorRef<Scheduler.OpenReply> opens;
    private final ActorRef<Scheduler.ChunkReply> chunks;
    // A small script over many messages; copying it for each would only hide where it stands.
    /** The open runs, and how many chunks each was asked for. */
    private final Map<RunId, Long> runs = new LinkedHashMap<>();

    private final List<Integer> through = new ArrayList<>();
    private final byte[] grey;
    private int size = 1;
    private int round;
    private int missing;
    private boolean fenced;
    private RunId opening = new RunId(0);

    private WarmUp(
            ActorContext<Command> context,
            Setup setup,
            String pipelineKey,
            PipelineSpec spec,
            Parameters loaded,
            ActorRef<Ended> replyTo) {
        this.context = context;
        this.setup = setup;
        this.pipelineKey = pipelineKey;
        this.replyTo = replyTo;
        this.request = new GenerationRequest(spec.defaultMode(), Parameters.none());
        ModeDefaults defaults = spec.modes().get(spec.defaultMode());
        this.geometry = defaults.geometry();
        this.width = side(loaded, CommonParameters.WIDTH, defaults.width());
        this.height = side(loaded, CommonParameters.HEIGHT, defaults.height());
        this.mostAtOnce = Math.min(setup.maxBatch(), spec.maxBatch());
        this.opens = context.messageAdapter(Scheduler.OpenReply.class, OpenAnswered::new);
        this.chunks = context.messageAdapter(Scheduler.ChunkReply.class, ChunkAnswered::new);
        this.grey = new byte[PixelFormat.I420.bytes(width, height)];
        Arrays.fill(grey, (byte) 128);
    }

    private static int side(Parameters loaded, String name, int otherwise) {
        return loaded.value(name).map(JsonNode::asInt).orElse(otherwise);
    }

    /**
     * Warms one pipeline up and stops.
     *
     * @param loaded load-time parameters
     */
    public static Behavior<Command> create(
            Setup setup, String pipelineKey, PipelineSpec spec, Parameters loaded, ActorRef<Ended> replyTo) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new WarmUp(context, setup, pipelineKey, spec, loaded, replyTo).begin(timers)));
    }

    private Behavior<Command> begin(TimerScheduler<Command> timers) {
        timers.startSingleTimer(TimeUp.INSTANCE, setup.limit());
        open();
        return Behaviors.receive(Command.class)
                .onMessage(OpenAnswered.class, answered -> onOpen(answered.reply()))
                .onMessage(ChunkAnswered.class, answered -> onChunk(answered.reply()))
                .onMessage(TimeUp.class, up -> end("the time was up"))
                .onSignal(PostStop.class, stop -> {
                    runs.keySet().forEach(this::close);
                    close(opening);
                    return Behaviors.same();
                })
                .build();
    }

    private void open() {
        opening = new RunId(setup.runNumbers().incrementAndGet());
        setup.scheduler()
                .tell(new Scheduler.OpenRun(opening, OWNER, pipelineKey, request, Scheduler.Urgency.BATCH, opens));
    }

    private void close(RunId run) {
        setup.scheduler().tell(new Scheduler.CloseRun(run));
    }

    private Behavior<Command> onOpen(Scheduler.OpenReply reply) {
        if (fenced) {
            close(opening);
            fenced = false;
            setup.scheduler().tell(new Scheduler.ResumeTogether(List.copyOf(runs.keySet())));
            return Behaviors.same();
        }
        if (reply instanceof Scheduler.RunRefused refused) {
            return end(refused.message());
        }
        runs.put(opening, 0L);
        if (runs.size() < size) {
            open();
        } else {
            startRound();
        }
        return Behaviors.same();
    }

    private void startRound() {
        missing = runs.size();
        if (missing > 1) {
            runs.keySet().forEach(run -> setup.scheduler().tell(new Scheduler.Suspend(run)));
        }
        for (RunId run : runs.keySet()) {
            setup.scheduler().tell(new Scheduler.Produce(run, input(run), NO_DEADLINE, chunks));
        }
        if (missing > 1) {
            fenced = true;
            open();
        }
    }

    private List<VideoFrame> input(RunId run) {
        long index = runs.merge(run, 1L, Long::sum) - 1;
        int frames = geometry.framesIn(index);
        return IntStream.range(0, frames)
                .mapToObj(frame -> VideoFrame.of(
                        PixelFormat.I420, width, height, grey, (index * geometry.framesIn() + frame) * FRAME_MICROS))
                .toList();
    }

    private Behavior<Command> onChunk(Scheduler.ChunkReply reply) {
        if (reply instanceof Scheduler.ChunkFailed failed) {
            return end(failed.message());
        }
        ((Scheduler.ChunkReady) reply).chunk().frames().forEach(VideoFrame::release);
        if (--missing > 0) {
            return Behaviors.same();
        }
        if (++round < ROUNDS) {
            startRound();
            return Behaviors.same();
        }
        through.add(size);
        round = 0;
        if (size >= mostAtOnce) {
            return end("");
        }
        size = Math.min(2 * size, mostAtOnce);
        open();
        return Behaviors.same();
    }

    private Behavior<Command> end(String note) {
        context.getLog()
                .info("{} is warm for batches of {}{}", pipelineKey, through, note.isEmpty() ? "" : " only: " + note);
        replyTo.tell(new Ended(pipelineKey, List.copyOf(through), note));
        return Behaviors.stopped();
    }
}
