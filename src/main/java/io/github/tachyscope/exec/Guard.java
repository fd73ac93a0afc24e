package io.github.tachyscope.exec;

import java.util.function.Function;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;

/**
 * Catches whatever an executor throws while it handles a message. Pekko's own supervision lets errors of the JVM (no
 * memory, a class that is missing) through and ends the process.
 */
final class Guard extends BehaviorInterceptor<Executor.Command, Executor.Command> {
    private final Function<Throwable, Behavior<Executor.Command>> crashed;

    /** @param crashed the state after a failure */
    Guard(Function<Throwable, Behavior<Executor.Command>> crashed) {
        super(Executor.Command.class);
        this.crashed = crashed;
    }

    @Override
    public Behavior<Executor.Command> aroundReceive(
            TypedActorContext<Executor.Command> context,
            Executor.Command message,
            ReceiveTarget<Executor.Command> target) {
        try {
            return target.apply(context, message);
        } catch (Throwable broken) {
            return crashed.apply(broken);
        }
    }
}
