package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Parameters;
import java.util.Optional;

/** The messages that a session sends to its client on the data channel, as JSON text. */
final class Notification {
    private Notification() {}

    /** Generation has ended; the client closes its connection. */
    static String streamStopped(Optional<String> reason) {
        ObjectNode message = typed("stream_stopped");
        reason.ifPresent(text -> message.put("error_message", text));
        return message.toString();
    }

    /** Somebody else changed values. */
    static String parametersUpdated(Parameters changed) {
        ObjectNode message = typed("parameters_updated");
        message.set("parameters", changed.toJson());
        return message.toString();
    }

    /**
     * A fault that the stream survives.
     *
     * @param code machine-readable
     * @param text what was wrong and what is allowed
     */
    static String error(String code, String text) {
        return typed("error")
                .put("code", code)
                .put("message", text)
                .put("recoverable", true)
                .toString();
    }

    /** Newest figures, for clients that asked for them. */
    static String stats(SessionFigures figures, long steps, long stalls, long revision) {
        ObjectNode message = typed("stats")
                .put("state", figures.state())
                .put("fps", round(figures.fpsOut()))
                .put("fps_in", round(figures.fpsIn()))
                .put("pipeline_fps", round(figures.pipelineFps()))
                .put("bitrate", figures.bitrate())
                .put("chunks", figures.chunks())
                .put("chunks_failed", figures.chunksFailed())
                .put("steps", steps)
                .put("dropped", figures.framesDropped())
                .put("stalls", stalls)
                .put("parameters_revision", revision);
        if (!Double.isNaN(figures.latencyMillis())) {
            message.put("latency_ms", round(figures.latencyMillis()));
        }
        return message.toString();
    }

    private static ObjectNode typed(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static double round(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
