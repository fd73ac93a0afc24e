package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Thumbnail;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.testkit.CountedFrames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import javax.imageio.ImageIO;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen of a job while it runs. */
class JobPreviewsTest {
    private static final String CAT = "{\"prompts\":[{\"text\":\"a cat\",\"weight\":100}],\"base_seed\":7,"
            + "\"denoising_step_list\":[1000,900,800,700,600,500,400,300,200,100]}";
    private static final int SIDE = 200;

    @TempDir
    Path directory;

    /** Steps that take a while, and enough time for previews on any machine. */
    private JobHouse house() throws Exception {
        return new JobHouse(
                directory,
                "synthetic",
                Map.of("tachyscope.pipelines.synthetic.step-cost", "10 ms", "tachyscope.engine.preview-share", "1"));
    }

    private static JobPlan plan(Optional<Previews> previews) throws Exception {
        JobPlan plain = JobHouse.text(21, CAT);
        return new JobPlan(
                plain.pipeline(),
                plain.load(),
                plain.mode(),
                plain.size(),
                plain.frames(),
                plain.fps(),
                plain.schedule(),
                plain.footage(),
                plain.keep(),
                plain.encoder(),
                previews);
    }

    private static JobPlan showing(String method) throws Exception {
        return plan(Optional.of(new Previews(method, SIDE, 80, false)));
    }

    private record Seen(List<JobNews> news, byte[] pictures) {
        List<JobNews.Previewed> previews() {
            return news.stream()
                    .filter(JobNews.Previewed.class::isInstance)
                    .map(JobNews.Previewed.class::cast)
                    .toList();
        }
    }

    /** Submits before anything runs, so that nothing is missed. */
    private static List<Seen> run(JobHouse house, JobPlan... plans) throws Exception {
        List<CompletionStage<List<JobNews>>> watched = new ArrayList<>();
        for (int i = 0; i < plans.length; i++) {
            house.submit("job-" + i, plans[i]);
            watched.add(house.desk.watch("job-" + i).runWith(Sink.seq(), house.kit.system()));
        }
        house.begin();
        List<Seen> seen = new ArrayList<>();
        for (int i = 0; i < plans.length; i++) {
            Job job = house.ended("job-" + i);
            assertEquals(JobState.COMPLETED, job.state(), job::toString);
            seen.add(new Seen(JobHouse.get(watched.get(i)), Files.readAllBytes(house.file(job, ResultFile.Kind.DATA))));
        }
        house.awaitNoRuns();
        return seen;
    }

    private static BufferedImage picture(byte[] jpeg) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(jpeg));
    }

    @Test
    void aJobShowsItsEstimatesAndMakesTheSamePictures() throws Exception {
        try (JobHouse house = house()) {
            List<Seen> all =
                    run(house, plan(Optional.empty()), showing("latent2rgb"), showing("auto"), showing("none"));
            assertEquals(List.of(), all.get(0).previews());
            assertEquals(List.of(), all.get(3).previews());
            for (Seen seen : all.subList(1, 3)) {
                assertArrayEquals(all.get(0).pictures(), seen.pictures());
                List<JobNews.Previewed> previews = seen.previews();
                assertTrue(previews.size() > 5, previews.size() + " previews");
                int before = 0;
                for (JobNews.Previewed preview : previews) {
                    assertEquals(0, preview.plan());
                    assertTrue(preview.stepsDone() >= before && preview.stepsDone() <= preview.stepsTotal());
                    before = preview.stepsDone();
                    assertEquals(1, preview.jpegs().size());
                    BufferedImage picture = picture(preview.jpegs().get(0));
                    assertEquals(SIDE, picture.getWidth());
                    assertEquals(SIDE, picture.getHeight());
                }
                assertTrue(previews.get(0).stepsDone() < 10, "long before the first chunk is there");
                JobNews.Stepped last = (JobNews.Stepped) seen.news().stream()
                        .filter(JobNews.Stepped.class::isInstance)
                        .reduce((one, two) -> two)
                        .orElseThrow();
                assertEquals(2 * 11 + 1, last.stepsDone(), "previews are no steps of the job");
            }
        }
    }

    @Test
    void finishedFramesAreShownWherePreviewsAreNotAffordable() throws Exception {
        try (JobHouse house = new JobHouse(directory, "synthetic", Map.of("tachyscope.engine.preview-share", "0"))) {
            List<JobNews.Previewed> previews =
                    run(house, showing("latent2rgb")).get(0).previews();
            assertTrue(previews.size() >= 1, "the first frame at the least");
        }
    }

    private final CountedFrames frames = new CountedFrames();

    private PreviewMaker.Show show(int steps, int count, boolean animated) {
        VideoFrame[] made = new VideoFrame[count];
        Arrays.setAll(made, i -> frames.take());
        return new PreviewMaker.Show(new Previews("full", 64, 80, animated), 1, steps, 99, List.of(made));
    }

    @Test
    void theNewestWinsWhileOneIsMade() {
        ActorTestKit kit = ActorTestKit.create();
        try {
            Deque<Runnable> work = new ArrayDeque<>();
            Executor later = task -> {
                synchronized (work) {
                    work.add(task);
                    work.notifyAll();
                }
            };
            TestProbe<Jobs.Command> jobs = kit.createTestProbe();
            ActorRef<PreviewMaker.Command> maker = kit.spawn(PreviewMaker.create(later, jobs.getRef(), "one"));
            for (int steps = 1; steps <= 4; steps++) {
                maker.tell(show(steps, 3, steps == 4));
            }
            runNext(work);
            assertEquals(1, news(jobs).stepsDone());
            runNext(work);
            JobNews.Previewed last = news(jobs);
            assertEquals(4, last.stepsDone());
            assertEquals(3, last.jpegs().size(), "animated");
            maker.tell(show(5, 1, false));
            maker.tell(show(6, 1, false));
            runNext(work);
            assertEquals(5, news(jobs).stepsDone());
            kit.stop(maker);
            runNext(work);
            assertEquals(0, frames.out(), "whatever was never made is released");
        } finally {
            kit.shutdownTestKit();
        }
    }

    private static void runNext(Deque<Runnable> work) {
        synchronized (work) {
            while (work.isEmpty()) {
                try {
                    work.wait(JobHouse.PATIENCE.toMillis());
                } catch (InterruptedException ended) {
                    throw new IllegalStateException(ended);
                }
            }
            work.remove().run();
        }
    }

    private static JobNews.Previewed news(TestProbe<Jobs.Command> jobs) {
        return (JobNews.Previewed)
                jobs.expectMessageClass(Jobs.News.class, JobHouse.PATIENCE).news();
    }

    @Test
    void picturesAreFittedInTheirShapeAlsoToLargerSizes() throws Exception {
        for (int[] size : new int[][] {{64, 32}, {30, 60}, {400, 300}, {7, 5}}) {
            byte[] data = new byte[PixelFormat.RGB24.bytes(size[0], size[1])];
            Arrays.fill(data, (byte) 200);
            VideoFrame frame = VideoFrame.of(PixelFormat.RGB24, size[0], size[1], data, 0);
            BufferedImage picture = picture(Thumbnail.fitted(frame, 128, 90));
            assertEquals(128, Math.max(picture.getWidth(), picture.getHeight()));
            double shape = (double) size[0] / size[1];
            assertEquals(shape, (double) picture.getWidth() / picture.getHeight(), 0.03 * shape);
            assertEquals(200, picture.getRGB(picture.getWidth() / 2, picture.getHeight() / 2) & 0xff, 3);
        }
    }
}
