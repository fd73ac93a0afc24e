package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.schedule.Quality;
import java.util.Locale;
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

    /**
     * The session gets less than it asks for, or more again.
     *
     * <p>{@code level} 0 is everything; {@code measures} say in words what it does without.
     */
    static String qualityChanged(Quality quality) {
        ObjectNode message = typed("quality_changed").put("level", quality.level());
        ArrayNode measures = message.putArray("measures");
        if (Double.isFinite(quality.mostFps())) {
            measures.add(String.format(Locale.ROOT, "at most %.0f frames per second", quality.mostFps()));
            message.put("max_fps", round(quality.mostFps()));
        }
        for (Economy economy : quality.economies()) {
            measures.add(
                    switch (economy) {
                        case FEWER_STEPS -> "fewer denoising steps";
                        case SMALLER_PICTURES -> "smaller pictures";
                    });
        }
        return message.put(
                        "message",
                        quality.level() == 0
                                ? "The server has room again; you get everything you ask for."
                                : "The server is busy; all sessions do without something for now.")
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
                .put("quality_level", figures.qualityLevel())
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
