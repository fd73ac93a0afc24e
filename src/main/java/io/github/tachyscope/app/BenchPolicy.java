package io.github.tachyscope.app;

import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.Scheduler;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** The ways to schedule that {@code bench interleave} compares. */
enum BenchPolicy {
    OURS("deadlines, batches");

    private final String label;

    BenchPolicy(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    Behavior<Scheduler.Command> scheduler(Scheduler.Setup setup, ActorRef<Executor.Command> executor) {
        return Scheduler.create(setup, List.of(executor));
    }
}
