package io.github.tachyscope.api.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobNews;
import java.time.Clock;
import java.util.Base64;
import java.util.OptionalLong;
import org.apache.pekko.util.ByteString;

/** What happens to a job as server-sent events. Used for one client. */
final class JobEvents {
    private final Clock clock;
    private final boolean preview;
    private OptionalLong started = OptionalLong.empty();

    /** @param preview whether steps and chunks show a small picture */
    JobEvents(Clock clock, boolean preview) {
        this.clock = clock;
        this.preview = preview;
    }

    /** Whether the client is told of it. */
    boolean wants(JobNews news) {
        return preview || !(news instanceof JobNews.Previewed);
    }

    ByteString event(JobNews news) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        if (news instanceof JobNews.Waiting waiting) {
            return Replies.event("queued", data.put("position", waiting.before()));
        } else if (news instanceof JobNews.Started begun) {
            started = OptionalLong.of(clock.millis());
            return Replies.event("started", data.put("total_chunks", begun.totalChunks()));
        } else if (news instanceof JobNews.Stepped stepped) {
            return Replies.event("step", step(stepped, data));
        } else if (news instanceof JobNews.ChunkMade made) {
            data.put("chunk", made.chunk() + 1)
                    .put("total_chunks", made.totalChunks())
                    .put("frames", made.frames())
                    .put("seconds", made.seconds());
            made.previewJpeg()
                    .filter(jpeg -> preview)
                    .ifPresent(jpeg ->
                            data.put("preview_base64", Base64.getEncoder().encodeToString(jpeg)));
            return Replies.event("chunk", data);
        }
        if (news instanceof JobNews.Previewed previewed) {
            data.put("steps_done", previewed.stepsDone()).put("steps_total", previewed.stepsTotal());
            data.put(
                    "preview_base64",
                    Base64.getEncoder().encodeToString(previewed.jpegs().get(0)));
            return Replies.event("preview", data);
        }
        return Replies.event("ended", JobJson.of(((JobNews.Ended) news).job(), clock.millis()));
    }

    private ObjectNode step(JobNews.Stepped stepped, ObjectNode data) {
        double fraction = JobJson.fraction(stepped.stepsDone(), stepped.stepsTotal());
        data.put("steps_done", stepped.stepsDone())
                .put("steps_total", stepped.stepsTotal())
                .put("fraction", fraction);
        if (fraction > 0 && started.isPresent()) {
            JobJson.eta(data, (clock.millis() - started.getAsLong()) / 1000.0, fraction);
        }
        return data;
    }
}
