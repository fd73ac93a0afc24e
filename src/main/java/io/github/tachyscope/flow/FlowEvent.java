package io.github.tachyscope.flow;

import io.github.tachyscope.schedule.Quality;
import java.util.Optional;

/** What a running flow tells its session. */
public sealed interface FlowEvent {
    /** The decoder lost the thread and waits for a key frame. */
    enum NeedsKeyFrame implements FlowEvent {
        INSTANCE
    }

    /**
     * A chunk was lost.
     *
     * @param message fit for the client
     * @param inARow lost ones without a good one between
     * @param runLost whether the run itself is gone
     */
    record ChunkLost(String message, int inARow, boolean runLost) implements FlowEvent {}

    /** A parameter had to be dropped; the message is fit for the client. */
    record ParameterDropped(String message) implements FlowEvent {}

    /** The session gets less than it asks for, or more again. */
    record QualityChanged(Quality quality) implements FlowEvent {}

    /**
     * The graph has ended.
     *
     * @param fault what went wrong, fit for the client; empty after an orderly end
     */
    record Ended(Optional<String> fault) implements FlowEvent {}
}
