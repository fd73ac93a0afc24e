package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobNews;
import io.github.tachyscope.session.job.Jobs;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;

/**
 * Tells the open WebSockets what happens to prompts.
 *
 * <pre>
 *   Announce --> open --JobNews.Ended--> told of, forgotten
 *            --Withdraw-->  forgotten
 * </pre>
 *
 * <p>The log of jobs knows which prompts there are; what stands here are those that have not ended, to be counted and told
 * of. A prompt of an earlier start is looked up when it is first heard of.
 */
final class Hub {

    sealed interface Command {}

    /** A prompt is about to be put into the queue. */
    record Announce(String id, PromptNotes notes) implements Command {}

    /** That prompt is not in the queue, or not any more, and never ran. */
    record Withdraw(String id) implements Command {}

    /** A socket is open. */
    record Join(long number, String sid, SourceQueueWithComplete<Message> out) implements Command {}

    /** A socket is closed. */
    record Leave(long number) implements Command {}

    /** A client says something. */
    record Say(long number, String text) implements Command {}

    /** Closes all sockets. */
    enum Close implements Command {
        INSTANCE
    }

    private record Heard(String id, JobNews news) implements Command {}

    private record Found(String id, Optional<PromptNotes> notes) implements Command {}

    private record Standing(Set<String> ids, Set<String> known) implements Command {}

    private record Missing(String id, Optional<Job> job) implements Command {}

    /** Whether a socket has taken its message. */
    record Written(long number, boolean taken) implements Command {}

    /** A socket has not taken its message for too long. */
    record TooSlow(long number) implements Command {}

    private enum Look implements Command {
        INSTANCE
    }

    private enum Nothing implements Command {
        INSTANCE
    }

    /** A prompt that has not ended. */
    private static final class Open {
        final Optional<String> client;
        final Optional<PromptNotes.Blocked> blocked;
        final PromptMessages messages;

        Open(String id, PromptNotes notes, LongSupplier millis) {
            this.client = notes.client();
            this.blocked = notes.blocked();
            this.messages = new PromptMessages(id, notes.acts(), Set.copyOf(notes.cached()), millis);
        }
    }

    /** News that wait until it is known what prompt they are of; more are left out. */
    private static final int MAX_HELD = 1000;

    /** Prompts of which it is remembered that they have ended, so that nobody is told twice. */
    private static final int MAX_ENDED = 1000;

    /** How often the log is asked whether prompts went without a word, removed by others. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(3);

    private final ActorContext<Command> context;
    private final JobDesk desk;
    private final PromptLog log;
    private final Sockets sockets;
    private final LongSupplier millis;
    // Tables of this actor alone.
    private final Map<String, Open> open = new LinkedHashMap<>();
    private final Map<String, List<JobNews>> held = new HashMap<>();
    private final Set<String> counted = new LinkedHashSet<>();
    private final Map<String, Boolean> ended = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_ENDED;
        }
    };

    /** What was counted at the look before. */
    private Set<String> older = Set.of();

    private boolean looked;

    private Hub(ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup) {
        this.context = context;
        this.desk = setup.desk();
        this.log = setup.log();
        this.millis = setup.millis();
        this.sockets = new Sockets(context, timers, setup.pictures(), setup.animated(), setup.maxUploadBytes());
        desk.follow(
                ComfyFace.NAME, context.messageAdapter(Jobs.Heard.class, heard -> new Heard(heard.id(), heard.news())));
        timers.startTimerWithFixedDelay(Look.INSTANCE, Duration.ZERO, BETWEEN_LOOKS);
    }

    /**
     * What it needs.
     *
     * @param pictures makes the messages that hold pictures
     * @param animated kept here: ids of clients that take moving previews
     * @param millis since the epoch
     */
    record Setup(
            JobDesk desk,
            PromptLog log,
            Pictures pictures,
            Set<String> animated,
            long maxUploadBytes,
            LongSupplier millis) {}

    static Behavior<Command> create(Setup setup) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Hub(context, timers, setup).serving()));
    }

    private Behavior<Command> serving() {
        return Behaviors.receive(Command.class)
                .onMessage(Announce.class, this::announce)
                .onMessage(Withdraw.class, withdraw -> forget(withdraw.id()))
                .onMessage(Heard.class, heard -> heard(heard.id(), heard.news()))
                .onMessage(Found.class, this::found)
                .onMessage(Look.class, look -> look())
                .onMessage(Standing.class, this::standing)
                .onMessage(Missing.class, this::missing)
                .onMessage(Join.class, this::join)
                .onMessage(Leave.class, leave -> {
                    sockets.leave(leave.number());
                    return Behaviors.same();
                })
                .onMessage(Say.class, say -> {
                    sockets.say(say.number(), say.text());
                    return Behaviors.same();
                })
                .onMessage(Written.class, written -> {
                    sockets.written(written.number(), written.taken());
                    return Behaviors.same();
                })
                .onMessage(TooSlow.class, slow -> {
                    sockets.slow(slow.number());
                    return Behaviors.same();
                })
                .onMessage(Close.class, close -> {
                    sockets.closeAll();
                    return Behaviors.stopped();
                })
                .onMessage(Nothing.class, nothing -> Behaviors.same())
                .onSignal(PostStop.class, stop -> {
                    sockets.closeAll();
                    return Behaviors.same();
                })
                .build();
    }

    // --- prompts -----------------------------------------------------------------------------------------------------

    private Behavior<Command> announce(Announce announce) {
        ended.remove(announce.id());
        open.put(announce.id(), new Open(announce.id(), announce.notes(), millis));
        counted.add(announce.id());
        tellStatus();
        return Behaviors.same();
    }

    private Behavior<Command> forget(String id) {
        open.remove(id);
        held.remove(id);
        if (counted.remove(id)) {
            tellStatus();
        }
        return Behaviors.same();
    }

    private Behavior<Command> heard(String id, JobNews news) {
        if (ended.containsKey(id)) {
            return Behaviors.same();
        }
        Open prompt = open.get(id);
        if (prompt == null) {
            hold(id, news);
        } else {
            tell(id, prompt, news);
        }
        return Behaviors.same();
    }

    /** Keeps news of a prompt of an earlier start until its notes are there. */
    private void hold(String id, JobNews news) {
        List<JobNews> waiting = held.get(id);
        if (waiting == null) {
            waiting = new ArrayList<>();
            held.put(id, waiting);
            context.pipeToSelf(
                    log.notes(id), (notes, fault) -> new Found(id, fault == null ? notes : Optional.empty()));
        }
        if (waiting.size() < MAX_HELD || news instanceof JobNews.Ended) {
            waiting.add(news);
        }
    }

    private Behavior<Command> found(Found found) {
        List<JobNews> waiting = Optional.ofNullable(held.remove(found.id())).orElse(List.of());
        if (!waiting.isEmpty() && found.notes().isPresent()) {
            Open prompt = open.computeIfAbsent(
                    found.id(), id -> new Open(id, found.notes().get(), millis));
            waiting.forEach(news -> tell(found.id(), prompt, news));
        }
        return Behaviors.same();
    }

    private void tell(String id, Open prompt, JobNews news) {
        if (news instanceof JobNews.Started started) {
            deliver(prompt, prompt.blocked.isPresent() ? List.of() : prompt.messages.started(started.plan()));
        } else if (news instanceof JobNews.Stepped stepped) {
            deliver(prompt, prompt.messages.stepped(stepped.plan(), stepped.kind()));
        } else if (news instanceof JobNews.Previewed previewed) {
            deliver(prompt, prompt.messages.previewed(previewed.plan(), previewed.jpegs()));
        } else if (news instanceof JobNews.Ended last) {
            finish(id, prompt, last.job());
        }
    }

    private void finish(String id, Open prompt, Job job) {
        List<Told> last = switch (job.state()) {
            case COMPLETED -> prompt.messages.completed(new Outputs(job));
            case CANCELLED -> prompt.messages.interrupted();
            default ->
                prompt.messages.failed(Failing.of(job, prompt.blocked), prompt.blocked.map(PromptNotes.Blocked::act));
        };
        for (Told told : last) {
            if (told instanceof Told.Picture picture) {
                to(prompt, new Outbox.Picture(job, picture.file()));
            } else {
                deliver(prompt, List.of(told));
            }
        }
        ended.put(id, true);
        forget(id);
        to(prompt, text(Messages.idle(id)));
    }

    private void deliver(Open prompt, List<Told> all) {
        for (Told told : all) {
            if (told instanceof Told.Text text) {
                Outbox.Text item = text(text.message());
                if (text.toAll()) {
                    sockets.sendAll(item);
                } else {
                    to(prompt, item);
                }
            } else if (told instanceof Told.Preview preview) {
                to(prompt, new Outbox.Preview(preview));
            }
        }
    }

    private void to(Open prompt, Outbox.Item item) {
        prompt.client.ifPresent(sid -> sockets.send(sid, item));
    }

    private void tellStatus() {
        sockets.sendAll(text(Messages.status(counted.size(), Optional.empty())));
    }

    private static Outbox.Text text(ObjectNode message) {
        return new Outbox.Text(message.toString());
    }

    // --- what the log says -------------------------------------------------------------------------------------------

    private Behavior<Command> look() {
        // What was announced just now may be on its way to the log.
        Set<String> known = counted.stream().filter(older::contains).collect(Collectors.toUnmodifiableSet());
        older = Set.copyOf(counted);
        context.pipeToSelf(log.openIds(), (ids, fault) -> fault == null ? new Standing(ids, known) : Nothing.INSTANCE);
        return Behaviors.same();
    }

    private Behavior<Command> standing(Standing standing) {
        standing.known().stream()
                .filter(id -> !standing.ids().contains(id) && counted.contains(id))
                .forEach(id -> context.pipeToSelf(
                        desk.find(id), (job, fault) -> fault == null ? new Missing(id, job) : Nothing.INSTANCE));
        // Those of earlier starts; what comes later is announced.
        if (!looked && counted.addAll(standing.ids())) {
            tellStatus();
        }
        looked = true;
        return Behaviors.same();
    }

    private Behavior<Command> missing(Missing missing) {
        if (missing.job().isEmpty()) {
            return forget(missing.id());
        }
        Job job = missing.job().get();
        if (job.state().ended() && counted.contains(missing.id())) {
            return job.state() == JobState.CANCELLED && job.attempt() == 0
                    ? forget(missing.id())
                    : heard(missing.id(), new JobNews.Ended(job));
        }
        return Behaviors.same();
    }

    // --- sockets -----------------------------------------------------------------------------------------------------

    private Behavior<Command> join(Join join) {
        if (sockets.join(join.number(), join.sid(), join.out())) {
            sockets.send(join.sid(), text(Messages.status(counted.size(), Optional.of(join.sid()))));
            open.forEach((id, prompt) -> prompt.messages
                    .node()
                    .filter(node -> prompt.client.filter(join.sid()::equals).isPresent())
                    .ifPresent(node -> sockets.send(join.sid(), text(Messages.executing(id, node)))));
        }
        return Behaviors.same();
    }
}
