package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.OutOfDeviceMemory;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.tensor.TorchUnavailable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines of one device: those loaded, those that are loading, and those that only wait for their last user.
 *
 * <pre>
 *   absent --load--> loading --there--> loaded --unload--> retiring --last user gone--> freed
 *                       +-- failed, overdue or unloaded: absent; what comes late is freed
 * </pre>
 *
 * <p>Touched by the executor's thread only.
 */
final class LoadedPipelines {
    private static final Logger log = LoggerFactory.getLogger(LoadedPipelines.class);

    /** @param wanted false once nobody waits for it; a load whose turn comes later than that is not begun */
    private record Loading(long number, ActorRef<Executor.LoadReply> replyTo, AtomicBoolean wanted) {}

    private final ActorContext<Executor.Command> context;
    private final TimerScheduler<Executor.Command> timers;
    private final Device device;
    private final Consumer<Executor.Event> listener;
    private final Map<String, HostedPipeline> loaded = new HashMap<>();
    private final Map<String, Loading> loading = new HashMap<>();
    private final List<HostedPipeline> retiring = new ArrayList<>();
    private final Consumer<Executor.LoadReply> outcomes;
    private final LongSupplier numbers;

    /**
     * @param outcomes told how each load ended, before the one who asked for it
     * @param numbers never the same twice in the life of the actor
     */
    LoadedPipelines(
            ActorContext<Executor.Command> context,
            TimerScheduler<Executor.Command> timers,
            Device device,
            Consumer<Executor.Event> listener,
            Consumer<Executor.LoadReply> outcomes,
            LongSupplier numbers) {
        this.context = context;
        this.timers = timers;
        this.device = device;
        this.listener = listener;
        this.outcomes = outcomes;
        this.numbers = numbers;
    }

    private void answer(ActorRef<Executor.LoadReply> replyTo, Executor.LoadReply reply) {
        outcomes.accept(reply);
        replyTo.tell(reply);
    }

    boolean isLoading(String key) {
        return loading.containsKey(key);
    }

    Optional<HostedPipeline> find(String key) {
        return Optional.ofNullable(loaded.get(key));
    }

    Map<String, PipelineSpec> specs() {
        Map<String, PipelineSpec> specs = new LinkedHashMap<>();
        loaded.forEach((key, host) -> specs.put(key, host.pipeline.spec()));
        return specs;
    }

    /** What the weights take, those that wait for their last user included. */
    long weightsBytes() {
        retiring.removeIf(HostedPipeline::closed);
        long used = 0;
        for (HostedPipeline host : loaded.values()) {
            used += host.pipeline.spec().weightsBytes();
        }
        for (HostedPipeline host : retiring) {
            used += host.pipeline.spec().weightsBytes();
        }
        return used;
    }

    /** @param load of a key that is neither loaded nor loading */
    void load(Executor.Load load, long freeBytes) {
        String key = load.pipelineKey();
        if (freeBytes < load.provider().spec().weightsBytes()) {
            answer(
                    load.replyTo(),
                    new Executor.LoadFailed(key, "not enough memory on " + device.name() + " for the weights", true));
            return;
        }
        Loading begun = new Loading(numbers.getAsLong(), load.replyTo(), new AtomicBoolean(true));
        loading.put(key, begun);
        timers.startSingleTimer(timer(begun.number()), new Executor.LoadOverdue(key, begun.number()), load.timeout());
        ActorRef<Executor.Command> self = context.getSelf();
        context.getSystem()
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("tachyscope-loader-dispatcher"))
                .execute(() -> self.tell(loadOutside(load, begun)));
    }

    private static String timer(long number) {
        return "load " + number;
    }

    // Runs on a loader thread. Throwable: a plugin's missing class or lack of memory must not end the thread silently.
    private Executor.Command loadOutside(Executor.Load load, Loading begun) {
        String key = load.pipelineKey();
        if (!begun.wanted().get()) {
            return new Executor.LoadEnded(key, begun.number(), Optional.empty(), Optional.empty());
        }
        try {
            Pipeline pipeline = load.provider()
                    .load(
                            load.parameters(),
                            device.placement(),
                            stage -> load.replyTo().tell(new Executor.LoadStage(key, stage)));
            return new Executor.LoadEnded(key, begun.number(), Optional.of(pipeline), Optional.empty());
        } catch (PipelineProvider.PipelineLoadFailed told) {
            boolean noRoom = OutOfDeviceMemory.in(told).isPresent();
            return failed(key, begun, String.valueOf(told.getMessage()), noRoom);
        } catch (TorchUnavailable told) {
            log.error("pipeline {} did not load", key, told);
            return failed(key, begun, String.valueOf(told.getMessage()), false);
        } catch (Throwable broken) {
            log.error("pipeline {} did not load", key, broken);
            return OutOfDeviceMemory.in(broken).isPresent()
                    ? failed(key, begun, OutOfDeviceMemory.MESSAGE + " for the weights", true)
                    : failed(key, begun, "the pipeline could not be loaded; the log of the server says why", false);
        }
    }

    private static Executor.LoadEnded failed(String key, Loading begun, String message, boolean noRoom) {
        return new Executor.LoadEnded(
                key, begun.number(), Optional.empty(), Optional.of(new Executor.LoadFailed(key, message, noRoom)));
    }

    void takeIn(Executor.LoadEnded ended) {
        String key = ended.pipelineKey();
        Optional<Loading> waiting = end(key, ended.number());
        if (waiting.isEmpty()) {
            ended.pipeline().ifPresent(late -> new HostedPipeline(late).retire());
            return;
        }
        ActorRef<Executor.LoadReply> replyTo = waiting.get().replyTo();
        if (ended.pipeline().isEmpty()) {
            answer(
                    replyTo,
                    ended.failure().orElseGet(() -> new Executor.LoadFailed(key, "unloaded before it was loaded")));
            return;
        }
        Pipeline pipeline = ended.pipeline().get();
        loaded.put(key, new HostedPipeline(pipeline));
        listener.accept(new Executor.PipelineReady(context.getSelf(), key, pipeline.spec()));
        answer(replyTo, new Executor.Loaded(key, pipeline.spec()));
    }

    void giveUp(Executor.LoadOverdue overdue) {
        end(overdue.pipelineKey(), overdue.number())
                .ifPresent(waiting -> answer(
                        waiting.replyTo(),
                        new Executor.LoadFailed(
                                overdue.pipelineKey(), "loading took longer than tachyscope.pipelines.load-timeout")));
    }

    void unload(String key) {
        Optional.ofNullable(loading.get(key))
                .flatMap(waiting -> end(key, waiting.number()))
                .ifPresent(waiting ->
                        answer(waiting.replyTo(), new Executor.LoadFailed(key, "unloaded before it was loaded")));
        HostedPipeline host = loaded.remove(key);
        if (host != null) {
            listener.accept(new Executor.PipelineGone(context.getSelf(), key));
            host.retire();
            retiring.add(host);
            retiring.removeIf(HostedPipeline::closed);
        }
    }

    /** Stops waiting for a load; empty if nobody waited for it any more. */
    private Optional<Loading> end(String key, long number) {
        timers.cancel(timer(number));
        Optional<Loading> waiting = Optional.ofNullable(loading.get(key)).filter(known -> known.number() == number);
        waiting.ifPresent(known -> {
            loading.remove(key);
            known.wanted().set(false);
        });
        return waiting;
    }

    /** Gives all up: loads end without an answer, weights are freed with their last user. */
    void retireAll() {
        for (String key : List.copyOf(loading.keySet())) {
            end(key, loading.get(key).number());
        }
        loaded.values().forEach(host -> {
            host.retire();
            retiring.add(host);
        });
        loaded.clear();
        retiring.removeIf(HostedPipeline::closed);
    }
}
