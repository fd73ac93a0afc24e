package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.schedule.WarmUp;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/** The warm-ups of a chain's freshly loaded pipelines, one after the other. */
final class WarmUps {
    private record Cold(String pipelineKey, PipelineSpec spec, Parameters loaded) {}

    private final ActorContext<?> context;
    private final Optional<WarmUp.Setup> setup;
    private final ActorRef<WarmUp.Ended> listener;
    private final Deque<Cold> cold = new ArrayDeque<>();
    private Optional<ActorRef<WarmUp.Command>> running = Optional.empty();

    /**
     * @param setup empty for no warm-ups
     * @param listener told the end of each
     */
    WarmUps(ActorContext<?> context, Optional<WarmUp.Setup> setup, ActorRef<WarmUp.Ended> listener) {
        this.context = context;
        this.setup = setup.filter(made -> !made.limit().isZero());
        this.listener = listener;
    }

    /** Another pipeline that is to be warmed up, once {@link #next} comes to it. */
    void add(String pipelineKey, PipelineSpec spec, Parameters loaded) {
        if (setup.isPresent()) {
            cold.addLast(new Cold(pipelineKey, spec, loaded));
        }
    }

    /** Whether one is still to be warmed up. */
    boolean awaits(String pipelineKey) {
        return cold.stream().anyMatch(each -> each.pipelineKey().equals(pipelineKey));
    }

    /** Starts the next one; false if all are warm. */
    boolean next() {
        Cold first = cold.peekFirst();
        if (first == null) {
            return false;
        }
        running = Optional.of(context.spawnAnonymous(
                WarmUp.create(setup.orElseThrow(), first.pipelineKey(), first.spec(), first.loaded(), listener)));
        return true;
    }

    /** Takes the end of a warm-up; false if it is not the one that runs. */
    boolean ended(WarmUp.Ended ended) {
        boolean awaited = running.isPresent()
                && Optional.ofNullable(cold.peekFirst())
                        .filter(first -> first.pipelineKey().equals(ended.pipelineKey()))
                        .isPresent();
        if (awaited) {
            cold.removeFirst();
            running = Optional.empty();
        }
        return awaited;
    }

    /** Nobody waits for them any more. */
    void cancel() {
        cold.clear();
        running.ifPresent(context::stop);
        running = Optional.empty();
    }
}
