package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.flow.FlowMeter;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Quality;
import java.util.List;

/** The figures of one session: written by its actor and its flow, read by whoever asks. */
final class SessionMeter {
    private final MediaClock clock;
    private final long startMicros;
    private final Metrics metrics;
    private final FlowMeter flow = new FlowMeter(new FlowMeter.Moments() {
        @Override
        public void firstChunk() {
            metrics.firstChunk(clock.micros() - startMicros);
        }

        @Override
        public void controlShown(long delayMicros) {
            metrics.controlToPixel(delayMicros);
        }
    });
    private volatile String state = "opening";
    private volatile Quality quality = Quality.FULL;
    private volatile List<String> pipelineIds = List.of();

    SessionMeter(MediaClock clock, Metrics metrics) {
        this.clock = clock;
        this.metrics = metrics;
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

    /**
     * Measures whether the session keeps up: frames sent for each that was wanted.
     *
     * @param maxFps what a stream from text wants
     */
    void keepsUp(InputMode mode, double maxFps) {
        long now = clock.micros();
        double wanted = mode == InputMode.VIDEO ? flow.fpsIn(now) : maxFps;
        if (flow.framesOut() > 0 && wanted > 0) {
            metrics.realTime(flow.fpsOut(now) / wanted);
        }
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
