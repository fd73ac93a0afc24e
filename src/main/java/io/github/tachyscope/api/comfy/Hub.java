package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobNews;
import io.github.tachyscope.session.job.Jobs;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.stream.QueueOfferResult;
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

    private record Written(long number, boolean taken) implements Command {}

    private record TooSlow(long number) implements Command {}

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

        Open(String id, PromptNotes notes) {
            this.client = notes.client();
            this.blocked = notes.blocked();
            this.messages = new PromptMessages(id, notes.acts(), Set.copyOf(notes.cached()), System::currentTimeMillis);
        }
    }

    /** Most sockets; protects memory. One more is closed at once. */
    private static final int MAX_CLIENTS = 1000;

    /** News that wait until it is known what prompt they are of; more are left out. */
    private static final int MAX_HELD = 1000;

    /** Prompts of which it is remembered that they have ended, so that nobody is told twice. */
    private static final int MAX_ENDED = 1000;

    /** A client that takes nothing for so long is gone or too slow. */
    private static final Duration STALL = Duration.ofSeconds(60);

    /** How often the log is asked whether prompts went without a word, removed by others. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(3);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final JobDesk desk;
    private final PromptLog log;
    private final Pictures pictures;
    private final Set<String> animated;
    private final long maxUploadBytes;
    // Tables of this actor alone.
    private final Map<Long, Client> clients = new LinkedHashMap<>();
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

    private boolean looked;

    private Hub(ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup) {
        this.context = context;
        this.timers = timers;
        this.desk = setup.desk();
        this.log = setup.log();
        this.pictures = setup.pictures();
        this.animated = setup.animated();
        this.maxUploadBytes = setup.maxUploadBytes();
        desk.follow(
                ComfyFace.NAME, context.messageAdapter(Jobs.Heard.class, heard -> new Heard(heard.id(), heard.news())));
        timers.startTimerWithFixedDelay(Look.INSTANCE, Duration.ZERO, BETWEEN_LOOKS);
    }

    /**
     * What it needs.
     *
     * @param pictures makes the messages that hold pictures
     * @param animated kept here: ids of clients that take moving previews
     */
    record Setup(JobDesk desk, PromptLog log, Pictures pictures, Set<String> animated, long maxUploadBytes) {}

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
                .onMessage(Leave.class, leave -> gone(leave.number()))
                .onMessage(Say.class, this::say)
                .onMessage(Written.class, this::written)
                .onMessage(TooSlow.class, slow -> slow(slow.number()))
                .onMessage(Close.class, close -> {
                    closeAll();
                    return Behaviors.stopped();
                })
                .onMessage(Nothing.class, nothing -> Behaviors.same())
                .onSignal(PostStop.class, stop -> {
                    closeAll();
                    return Behaviors.same();
                })
                .build();
    }

    // --- prompts -----------------------------------------------------------------------------------------------------

    private Behavior<Command> announce(Announce announce) {
        ended.remove(announce.id());
        open.put(announce.id(), new Open(announce.id(), announce.notes()));
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
                    found.id(), id -> new Open(id, found.notes().get()));
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
                prompt.messages.failed(
                        Failing.of(job, prompt.blocked),
                        prompt.blocked.map(at -> Act.quick(at.node(), at.nodeType(), 0)));
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
        to(prompt, new Outbox.Text(Messages.idle(id).toString()));
    }

    private void deliver(Open prompt, List<Told> all) {
        for (Told told : all) {
            if (told instanceof Told.Text text) {
                Outbox.Text item = new Outbox.Text(text.message().toString());
                if (text.toAll()) {
                    List.copyOf(clients.values()).forEach(client -> send(client, item));
                } else {
                    to(prompt, item);
                }
            } else if (told instanceof Told.Preview preview) {
                to(prompt, new Outbox.Preview(preview));
            }
        }
    }

    private void to(Open prompt, Outbox.Item item) {
        prompt.client.flatMap(this::client).ifPresent(client -> send(client, item));
    }

    private Optional<Client> client(String sid) {
        return clients.values().stream()
                .filter(client -> client.sid.equals(sid))
                .findFirst();
    }

    private void tellStatus() {
        Outbox.Text status = new Outbox.Text(
                Messages.status(counted.size(), Optional.empty()).toString());
        List.copyOf(clients.values()).forEach(client -> send(client, status));
    }

    // --- what the log says -------------------------------------------------------------------------------------------

    private Behavior<Command> look() {
        Set<String> known = Set.copyOf(counted);
        context.pipeToSelf(log.openIds(), (ids, fault) -> fault == null ? new Standing(ids, known) : Nothing.INSTANCE);
        return Behaviors.same();
    }

    private Behavior<Command> standing(Standing standing) {
        // What was announced meanwhile is in neither set.
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
        client(join.sid()).ifPresent(replaced -> {
            replaced.out.complete();
            gone(replaced.number);
        });
        if (clients.size() >= MAX_CLIENTS) {
            join.out().complete();
            return Behaviors.same();
        }
        Client client = new Client(join.number(), join.sid(), join.out());
        clients.put(client.number, client);
        send(
                client,
                new Outbox.Text(
                        Messages.status(counted.size(), Optional.of(client.sid)).toString()));
        open.forEach((id, prompt) -> {
            if (prompt.client.filter(client.sid::equals).isPresent()) {
                prompt.messages
                        .node()
                        .ifPresent(node -> send(
                                client,
                                new Outbox.Text(Messages.executing(id, node).toString())));
            }
        });
        return Behaviors.same();
    }

    private Behavior<Command> gone(long number) {
        Client client = clients.remove(number);
        timers.cancel(number);
        if (client != null) {
            animated.remove(client.sid);
        }
        return Behaviors.same();
    }

    private Behavior<Command> say(Say say) {
        Client client = clients.get(say.number());
        if (client != null
                && read(say.text()) instanceof ObjectNode message
                && message.path("type").asText().equals("feature_flags")
                && message.path("data") instanceof ObjectNode features
                && client.takesFeatures(features)) {
            if (client.wantsAnimation()) {
                animated.add(client.sid);
            }
            send(
                    client,
                    new Outbox.Text(Messages.of("feature_flags", ServerFeatures.json(maxUploadBytes))
                            .toString()));
        }
        return Behaviors.same();
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException notForUs) {
            return Messages.object();
        }
    }

    private void send(Client client, Outbox.Item item) {
        if (clients.get(client.number) != client) {
            return;
        }
        if (!client.outbox.add(item)) {
            slow(client.number);
            return;
        }
        proceed(client);
    }

    private void proceed(Client client) {
        if (client.busy) {
            return;
        }
        client.outbox.poll().ifPresent(item -> {
            client.busy = true;
            timers.startSingleTimer(client.number, new TooSlow(client.number), STALL);
            CompletionStage<Boolean> written = pictures.message(item, client.wantsMetadata(), client.wantsAnimation())
                    .thenCompose(message -> message.isEmpty()
                            ? CompletableFuture.completedFuture(true)
                            : client.out
                                    .offer(message.get())
                                    .thenApply(result -> result.equals(QueueOfferResult.enqueued())));
            context.pipeToSelf(written, (taken, fault) -> new Written(client.number, fault == null && taken));
        });
    }

    private Behavior<Command> written(Written written) {
        Client client = clients.get(written.number());
        if (client == null) {
            return Behaviors.same();
        }
        if (!written.taken()) {
            return gone(written.number());
        }
        timers.cancel(client.number);
        client.busy = false;
        proceed(client);
        return Behaviors.same();
    }

    private Behavior<Command> slow(long number) {
        Client client = clients.get(number);
        if (client != null) {
            context.getLog().info("the client {} does not read its messages and is closed", client.sid);
            client.out.fail(new IOException("the client does not read"));
        }
        return gone(number);
    }

    private void closeAll() {
        clients.values().forEach(client -> client.out.complete());
        clients.clear();
    }
}
