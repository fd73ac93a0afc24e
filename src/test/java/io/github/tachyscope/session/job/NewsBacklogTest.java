package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.diffusion.StepKind;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.Test;

class NewsBacklogTest {
    private static final int MOST = 10;

    private static JobNews step(int number) {
        return new JobNews.Stepped(0, StepKind.DENOISE, number, 100);
    }

    private static JobNews preview(int number) {
        return new JobNews.Previewed(0, number, 100, List.of(new byte[] {(byte) number}));
    }

    @Test
    void aSlowReaderSeesTheNewestPreviewAndTheNewestNewsInOrder() throws Exception {
        ActorTestKit kit = ActorTestKit.create();
        try {
            List<JobNews> told = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                told.add(step(i));
                told.add(preview(i));
            }
            SinkQueueWithCancel<JobNews> reader =
                    Source.from(told).via(NewsBacklog.of(MOST)).runWith(Sink.queue(), kit.system());
            List<JobNews> read = new ArrayList<>();
            for (var next = JobHouse.get(reader.pull()); next.isPresent(); next = JobHouse.get(reader.pull())) {
                read.add(next.get());
            }
            // What is on its way already when the reader falls behind comes first.
            List<JobNews> last = read.subList(read.size() - MOST, read.size());
            assertEquals(told.get(told.size() - 1), last.get(MOST - 1), read::toString);
            for (int i = 0; i < MOST - 1; i++) {
                assertEquals(step(50 - MOST + 1 + i), last.get(i), read::toString);
            }
        } finally {
            kit.shutdownTestKit();
        }
    }
}
