package io.github.tachyscope.app;

import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.DeadlinePolicy;
import io.github.tachyscope.schedule.FirstComeFirstServed;
import io.github.tachyscope.schedule.RoundRobin;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.StepPolicy;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** The ways to schedule that {@code bench interleave} compares. */
enum BenchPolicy {
    OURS("deadlines, batches", new DeadlinePolicy()),
    FIRST_COME("first come", new FirstComeFirstServed()),
    TURNS("in turns, alone", new RoundRobin());

    private final String label;
    private final StepPolicy policy;

    BenchPolicy(String label, StepPolicy policy) {
        this.label = label;
        this.policy = policy;
    }

    String label() {
        return label;
    }

    /** @param with all that is not the policy */
    Behavior<Scheduler.Command> scheduler(Scheduler.Setup with, ActorRef<Executor.Command> executor) {
        Scheduler.Setup setup = new Scheduler.Setup(
                with.settings(), with.load(), policy, with.retryAfter(), with.clock(), with.timeline(), with.metrics());
        return Scheduler.create(setup, List.of(executor));
    }
}
