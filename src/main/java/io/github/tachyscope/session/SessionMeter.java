package io.github.tachyscope.session;

import io.github.tachyscope.flow.FlowMeter;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.schedule.Quality;
import java.util.List;

/** The figures of one session: written by its actor and its flow, read by whoever asks. */
final class SessionMeter {
    private final MediaClock clock;
    private final long startMicros;
    private final FlowMeter flow = new FlowMeter();
    private volatile String state = "opening";
    private volatile Quality quality = Quality.FULL;
    private volatile List<String> pipelineIds = List.of();

    SessionMeter(MediaClock clock) {
        this.clock = clock;
        this.startMicros = clock.micros();
    }

    FlowMeter flow() {
        return flow;
    }

    void state(String now) {
        state = now;
    }

    void quality(Quality now) {
        quality = now;
    }

    void pipelineIds(List<String> ids) {
        pipelineIds = List.copyOf(ids);
    }

    SessionFigures figures() {
        long now = clock.micros();
        return new SessionFigures(
                state,
                pipelineIds,
                flow.framesIn(),
                flow.framesOut(),
                flow.framesDropped(),
                (now - startMicros) / 1e6,
                flow.fpsIn(now),
                flow.fpsOut(now),
                flow.pipelineFps(),
                flow.latencyMillis(),
                flow.bitrate(),
                flow.chunks(),
                flow.chunksFailed(),
                quality.level());
    }
}
