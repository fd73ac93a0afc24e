package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Parameters;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** The chain of loaded pipelines, and the loading of another. */
public final class PipelineRegistry {

    public sealed interface Command {}

    /** Replaces the loaded chain; the state is {@code LOADING} (or {@code LOADED}) before the reply. */
    public record Load(List<Node> chain, ActorRef<LoadReply> replyTo) implements Command {}

    /**
     * One member of a chain.
     *
     * @param nodeId unique in the chain; the pipeline id unless the client chose another
     * @param parameters load-time parameters as the client sent them
     */
    public record Node(String nodeId, String pipelineId, Parameters parameters) {}

    public record DescribeStatus(ActorRef<Status> replyTo) implements Command {}

    public sealed interface LoadReply {}

    public enum LoadAccepted implements LoadReply {
        INSTANCE
    }

    public record LoadRejected(Problem problem) implements LoadReply {}

    /** Where loading stands. */
    public enum State {
        NOT_LOADED,
        LOADING,
        LOADED,
        ERROR
    }

    /**
     * The state of the chain.
     *
     * @param chain the chain last asked for
     * @param loadParameters of the first pipeline, as the client sent them
     * @param error filled in state {@code ERROR}, kept until the next load
     * @param stage human-readable, while loading
     */
    public record Status(
            State state,
            List<Node> chain,
            Optional<ObjectNode> loadParameters,
            Optional<String> error,
            Optional<String> stage) {}

    private PipelineRegistry() {}
}
