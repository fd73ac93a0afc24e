package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.media.VideoReader;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobChange;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.testkit.FaultyProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs from the order to the file, on a real engine with the synthetic pipeline. */
class JobsTest {
    private static final String CAT = "{\"prompts\":[{\"text\":\"a cat\",\"weight\":100}],\"base_seed\":7}";
    private static final int CHUNK = 12;
    private static final int FIRST_CHUNK = 9;

    @TempDir
    Path directory;

    @Test
    void aJobBecomesAVideoWithAThumbnail() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            house.submit("one", JobHouse.plan(30, CAT, JobHouse.MP4));
            Job job = house.ended("one");
            assertEquals(JobState.COMPLETED, job.state(), job::toString);
            assertEquals(30, job.shape().frames());
            try (VideoReader video =
                    VideoReader.open(house.file(job, ResultFile.Kind.VIDEO), house.desk.limits(), new FramePool(4))) {
                assertEquals(30, video.info().frames());
                assertEquals(16, video.info().fps(), 0.01);
                assertEquals(30 * 1_000_000L / 16, video.info().durationMicros(), 2);
                assertEquals(job.shape().width(), video.info().width());
            }
            assertTrue(Files.size(house.file(job, ResultFile.Kind.THUMBNAIL)) > 100);
            assertTrue(job.stageSeconds().keySet().containsAll(List.of("denoise", "encode")), job::toString);
            assertEquals(job.progress().stepsTotal(), job.progress().stepsDone());
            house.awaitNoRuns();
        }
    }

    private byte[] raw(JobHouse house, String id, JobPlan plan) throws Exception {
        house.submit(id, plan);
        Job job = house.ended(id);
        assertEquals(JobState.COMPLETED, job.state(), job::toString);
        byte[] bytes = Files.readAllBytes(house.file(job, ResultFile.Kind.DATA));
        assertEquals(plan.frames() * 3 * job.shape().width() * job.shape().height(), bytes.length);
        return bytes;
    }

    @Test
    void equalPlansMakeEqualPicturesAndAnotherSeedOthers() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            byte[] one = raw(house, "one", JobHouse.text(20, CAT));
            assertArrayEquals(one, raw(house, "two", JobHouse.text(20, CAT)));
            assertFalse(Arrays.equals(one, raw(house, "three", JobHouse.text(20, CAT.replace("7", "8")))));
        }
    }

    @Test
    void aScheduledPromptActsOnItsChunkAndOnNoEarlierOne() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            JobPlan plain = JobHouse.text(33, CAT);
            JobPlan changed = new JobPlan(
                    plain.pipeline(),
                    plain.load(),
                    plain.mode(),
                    plain.size(),
                    plain.frames(),
                    plain.fps(),
                    plain.schedule()
                            .keyframe(
                                    2,
                                    JobHouse.parameters(
                                            "{\"prompts\":[{\"text\":\"a thunderstorm\",\"weight\":100}]}")),
                    plain.footage(),
                    plain.keep(),
                    Map.of(),
                    Optional.empty());
            byte[] one = raw(house, "one", plain);
            byte[] two = raw(house, "two", changed);
            int frame = one.length / 33;
            int same = (FIRST_CHUNK + CHUNK) * frame;
            assertEquals(-1, Arrays.mismatch(Arrays.copyOf(one, same), Arrays.copyOf(two, same)));
            assertNotEquals(
                    -1,
                    Arrays.mismatch(
                            Arrays.copyOfRange(one, same, same + frame), Arrays.copyOfRange(two, same, same + frame)));
        }
    }

    @Test
    void cancellingFreesTheRunAndLeavesNoFile() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            house.submit("long", JobHouse.plan(100_000, CAT, JobHouse.MP4));
            house.await("long", job -> job.state() == JobState.RUNNING);
            assertInstanceOf(JobChange.Done.class, JobHouse.get(house.desk.cancel("long")));
            assertEquals(JobState.CANCELLED, house.ended("long").state());
            house.awaitNoRuns();
            try (var left = Files.walk(directory.resolve("jobs/results"))) {
                assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
            }
        }
    }

    @Test
    void aJobThatIsCancelledAtAnyMomentLeavesNoFile() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            for (int i = 0; i < 20; i++) {
                String id = "job-" + i;
                house.submit(id, JobHouse.plan(100_000, CAT, JobHouse.MP4));
                for (int look = 0; look < i; look++) {
                    JobHouse.get(house.desk.find(id));
                }
                JobHouse.get(house.desk.cancel(id));
                house.ended(id);
            }
            house.awaitNoRuns();
            try (var left = Files.walk(directory.resolve("jobs/results"))) {
                assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
            }
        }
    }

    @Test
    void aRunningJobIsRemovedAndAnotherTakesItsPlace() throws Exception {
        try (JobHouse house = new JobHouse(directory, "synthetic", Map.of("tachyscope.jobs.parallel", "1")).begin()) {
            house.submit("long", JobHouse.plan(100_000, CAT, JobHouse.MP4));
            house.await("long", job -> job.state() == JobState.RUNNING);
            house.submit("next", JobHouse.text(5, CAT));
            assertEquals(JobState.QUEUED, house.await("next", job -> true).state());
            assertInstanceOf(JobChange.Done.class, JobHouse.get(house.desk.remove("long")));
            assertEquals(Optional.empty(), JobHouse.get(house.desk.find("long")));
            assertEquals(JobState.COMPLETED, house.ended("next").state());
        }
    }

    @Test
    void parkedJobsGoOnAfterTheNextStartAndMakeTheSamePictures() throws Exception {
        byte[] undisturbed;
        try (JobHouse house = new JobHouse(directory).begin()) {
            undisturbed = raw(house, "undisturbed", JobHouse.text(600, CAT));
            house.submit("parked", JobHouse.text(600, CAT));
            house.await("parked", job -> job.state() == JobState.RUNNING);
            assertEquals(Jobs.Drained.INSTANCE, JobHouse.get(house.desk.drain(JobHouse.PATIENCE)));
            assertEquals(
                    JobState.QUEUED,
                    JobHouse.get(house.desk.find("parked")).orElseThrow().state());
            JobDesk.Answer late = JobHouse.get(house.desk.submit(JobHouse.order("late", JobHouse.text(5, CAT))));
            assertInstanceOf(JobDesk.Refused.class, late);
        }
        try (JobHouse house = new JobHouse(directory).begin()) {
            Job job = house.ended("parked");
            assertEquals(JobState.COMPLETED, job.state(), job::toString);
            assertArrayEquals(undisturbed, Files.readAllBytes(house.file(job, ResultFile.Kind.DATA)));
        }
    }

    @Test
    void aJobWhoseClientWentWithTheServerIsNotRunAgain() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            JobDesk.Order order = JobHouse.order("gone", JobHouse.text(5, CAT));
            JobHouse.get(house.desk.submit(new JobDesk.Order(
                    order.id(),
                    order.face(),
                    order.model(),
                    order.prompt(),
                    order.owner(),
                    order.work(),
                    order.notes(),
                    order.place(),
                    order.seed(),
                    true)));
        }
        try (JobHouse house = new JobHouse(directory).begin()) {
            Job job = house.ended("gone");
            assertEquals(JobState.FAILED, job.state());
            assertEquals("client_gone", job.failure().orElseThrow().code());
        }
    }

    @Test
    void whoWatchesLearnsEverythingInOrder() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            house.submit("one", JobHouse.plan(33, CAT, JobHouse.MP4));
            CompletionStage<List<JobNews>> all = house.desk.watch("one").runWith(Sink.seq(), house.kit.system());
            house.begin();
            List<JobNews> news = JobHouse.get(all);
            List<JobNews> chunks =
                    news.stream().filter(JobNews.ChunkMade.class::isInstance).toList();
            assertEquals(3, chunks.size(), news::toString);
            int frames = chunks.stream()
                    .mapToInt(chunk -> ((JobNews.ChunkMade) chunk).frames())
                    .sum();
            assertEquals(33, frames);
            assertTrue(news.contains(new JobNews.Started(0, 3)), news::toString);
            assertTrue(news.stream().anyMatch(JobNews.Stepped.class::isInstance), news::toString);
            JobNews.Ended last = assertInstanceOf(JobNews.Ended.class, news.get(news.size() - 1));
            assertEquals(JobState.COMPLETED, last.job().state());
        }
    }

    @Test
    void whoWatchesAJobThatIsNotThereLearnsThatAtOnce() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            assertEquals(List.of(), JobHouse.get(house.desk.watch("nothing").runWith(Sink.seq(), house.kit.system())));
        }
    }

    @Test
    void theVideoCanBeReadWhileItGrows() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            house.submit("one", JobHouse.plan(400, CAT, JobHouse.MP4));
            house.await("one", job -> job.state() == JobState.RUNNING);
            ByteString bytes = ByteString.emptyByteString();
            Job job = house.await("one", now -> now.state() == JobState.RUNNING);
            while (bytes.isEmpty() && !job.state().ended()) {
                var live = JobHouse.get(house.desk.live("one"));
                if (live.isPresent()) {
                    bytes = JobHouse.get(
                            live.get().runFold(ByteString.emptyByteString(), ByteString::concat, house.kit.system()));
                }
                job = house.await("one", now -> true);
            }
            assertEquals(JobState.COMPLETED, house.ended("one").state());
            Path copy = Files.write(directory.resolve("live.mp4"), bytes.toArray());
            try (VideoReader video = VideoReader.open(copy, house.desk.limits(), new FramePool(4))) {
                assertEquals(400, video.info().frames());
            }
        }
    }

    @Test
    void rawPicturesAreRepeatedFromTheStartAndTheLastChunkIsFilledUp() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            int side = 64;
            byte[] pictures = new byte[5 * side * side * 3];
            for (int i = 0; i < pictures.length; i++) {
                pictures[i] = (byte) (i / (side * side * 3) * 50);
            }
            Path file = Files.write(directory.resolve("input.rgb"), pictures);
            JobPlan plan = new JobPlan(
                    "synthetic",
                    Optional.empty(),
                    InputMode.VIDEO,
                    Optional.empty(),
                    11,
                    16,
                    ParameterSchedule.constant(JobHouse.parameters(CAT)),
                    Optional.of(new Footage.Raw(file, 5, side, side)),
                    List.of(JobHouse.RAW),
                    Map.of(),
                    Optional.empty());
            assertEquals(plan, JobPlan.fromJson(plan.toJson()));
            byte[] out = raw(house, "one", plan);
            assertEquals(0, out.length % 11);
        }
    }

    @Test
    void aFileThatIsNoVideoFailsTheJobInItsOwnWords() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            Path file = Files.writeString(directory.resolve("input.mp4"), "this is no video");
            JobPlan plan = new JobPlan(
                    "synthetic",
                    Optional.empty(),
                    InputMode.VIDEO,
                    Optional.empty(),
                    11,
                    16,
                    ParameterSchedule.constant(JobHouse.parameters(CAT)),
                    Optional.of(new Footage.Video(file)),
                    List.of(JobHouse.MP4),
                    Map.of(),
                    Optional.empty());
            house.submit("one", plan);
            Job job = house.ended("one");
            assertEquals(JobState.FAILED, job.state());
            assertEquals("input_refused", job.failure().orElseThrow().code(), job::toString);
            assertFalse(job.failure().orElseThrow().message().contains(directory.toString()), job::toString);
            house.awaitNoRuns();
        }
    }

    private static JobPlan faulty(String keyframe) throws Exception {
        return new JobPlan(
                FaultyProvider.ID,
                Optional.empty(),
                InputMode.TEXT,
                Optional.empty(),
                60,
                16,
                ParameterSchedule.empty().keyframe(2, JobHouse.parameters(keyframe)),
                Optional.empty(),
                List.of(JobHouse.RAW),
                Map.of(),
                Optional.empty());
    }

    @Test
    void aFailedStepFailsItsJobAndNoOther() throws Exception {
        try (JobHouse house = new JobHouse(directory, FaultyProvider.ID, Map.of()).begin()) {
            house.submit("bad", faulty("{\"fail_chunks\":1}"));
            house.submit("good", faulty("{}"));
            Job bad = house.ended("bad");
            assertEquals(JobState.FAILED, bad.state());
            assertEquals("generation_failed", bad.failure().orElseThrow().code(), bad::toString);
            assertEquals(JobState.COMPLETED, house.ended("good").state());
            house.awaitNoRuns();
        }
    }

    @Test
    void aJobThatBreaksItsDeviceEachTimeFailsInTheEndAndOthersRunAfterwards() throws Exception {
        try (JobHouse house = new JobHouse(
                        directory,
                        FaultyProvider.ID,
                        Map.of("tachyscope.jobs.parallel", "1", "tachyscope.session.retry-after", "1 s"))
                .begin()) {
            house.submit("bad", faulty("{\"crash\":1}"));
            house.submit("good", faulty("{}"));
            Job bad = house.ended("bad");
            assertEquals(JobState.FAILED, bad.state());
            assertEquals("generation_failed", bad.failure().orElseThrow().code(), bad::toString);
            assertEquals(JobState.COMPLETED, house.ended("good").state());
            house.awaitNoRuns();
        }
    }

    @Test
    void aPlanThatThePipelineCannotRunIsToldFieldByField() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            var found = (JobDesk.Found) JobHouse.get(house.desk.pipeline(Optional.of("synthetic")));
            JobPlan good = JobHouse.text(5, CAT);
            assertEquals(List.of(), house.desk.check(good, found.spec()));
            JobPlan bad = new JobPlan(
                    good.pipeline(),
                    good.load(),
                    good.mode(),
                    Optional.of(new io.github.tachyscope.frame.PictureSize(257, 256)),
                    good.frames(),
                    good.fps(),
                    good.schedule().keyframe(3, JobHouse.parameters("{\"noise_scale\":7}")),
                    good.footage(),
                    good.keep(),
                    Map.of(),
                    Optional.empty());
            List<String> names = house.desk.check(bad, found.spec()).stream()
                    .map(field -> field.path().get(0))
                    .toList();
            assertEquals(List.of("width", "noise_scale"), names);
            assertInstanceOf(JobDesk.Missing.class, JobHouse.get(house.desk.pipeline(Optional.of("nothing"))));
        }
    }
}
