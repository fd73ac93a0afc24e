package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Ffprobe;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.VideoReader;
import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.MediaFolder;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.ResultLabel;
import io.github.tachyscope.testkit.FaultyProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs keep of their frames, where it stands, and the work of several plans. */
class JobKeepsTest {
    private static final String CAT = "{\"prompts\":[{\"text\":\"a cat\",\"weight\":100}],\"base_seed\":7}";
    private static final int SIDE = 64;

    @TempDir
    Path directory;

    private static Optional<Filing> filed(String prefix) {
        return Optional.of(new Filing(MediaFolder.OUTPUT, prefix, Map.of()));
    }

    private static JobPlan plan(String pipeline, long frames, String parameters, Keep... keep) throws Exception {
        return new JobPlan(
                pipeline,
                Optional.empty(),
                InputMode.TEXT,
                Optional.empty(),
                frames,
                16,
                ParameterSchedule.constant(JobHouse.parameters(parameters)),
                Optional.empty(),
                List.of(keep),
                Map.of(),
                Optional.empty());
    }

    private static Job completed(JobHouse house, String id, JobPlan... plans) throws Exception {
        house.submit(id, new JobWork(List.of(plans)));
        Job job = house.ended(id);
        assertEquals(JobState.COMPLETED, job.state(), job::toString);
        return job;
    }

    private static Path file(JobHouse house, Job job, String name) throws Exception {
        ResultFile found = job.files().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + job));
        return JobHouse.get(house.desk.file(job, found)).orElseThrow();
    }

    private static byte[] pixels(JobHouse house, List<Path> pictures) throws IOException {
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        for (Path picture : pictures) {
            VideoFrame frame = PictureReader.read(Files.readAllBytes(picture), house.desk.limits());
            pixels.write(frame.data(), 0, frame.bytes());
        }
        return pixels.toByteArray();
    }

    private List<String> output(JobHouse house) throws IOException {
        return house.desk.folders().names(MediaFolder.OUTPUT);
    }

    @Test
    void thirtyThreeFramesBecomePicturesWithConsecutiveCounters() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            Keep pictures = new Keep.Pictures("9", filed("OpenWebUI_video"), Map.of("prompt", "{\"9\":{}}"));
            Job job = completed(house, "one", plan("synthetic", 33, CAT, pictures, JobHouse.RAW));
            List<String> names = IntStream.rangeClosed(1, 33)
                    .mapToObj("OpenWebUI_video_%05d_.png"::formatted)
                    .toList();
            assertEquals(names, output(house));
            List<ResultFile> frames = job.files().stream()
                    .filter(file -> file.kind() == ResultFile.Kind.FRAME)
                    .toList();
            assertEquals(
                    names.stream()
                            .map(name -> new ResultLabel(
                                    "9", Optional.of(new ResultLabel.Filed(MediaFolder.OUTPUT, "", name))))
                            .toList(),
                    frames.stream().map(ResultLabel::of).toList());
            List<Path> seen = names.stream()
                    .map(name -> house.desk.folders().find(MediaFolder.OUTPUT, "", name))
                    .toList();
            assertEquals(-1, Arrays.mismatch(Files.readAllBytes(file(house, job, "frames.rgb")), pixels(house, seen)));
            assertTrue(new String(Files.readAllBytes(seen.get(32)), StandardCharsets.ISO_8859_1)
                    .contains("tEXtprompt\0{\"9\":{}}"));
        }
    }

    @Test
    void allFormsOfAPlanShowTheSameFrames() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            Job job = completed(
                    house,
                    "one",
                    plan(
                            "synthetic",
                            21,
                            CAT,
                            new Keep.Pictures("1", Optional.empty(), Map.of()),
                            new Keep.Raw("2", filed("raw/it")),
                            new Keep.Mp4("3", filed("video/it"), 24),
                            new Keep.Webp("4", filed("it"), 8, true, 80, WebpWriter.Effort.FASTEST),
                            new Keep.Gif("5", filed("it"), 10),
                            new Keep.Webm("6", filed("it"), 12, WebmWriter.Codec.VP9, 20),
                            new Keep.Mp4("7", Optional.empty(), 12),
                            new Keep.Pictures("8", Optional.empty(), Map.of())));
            byte[] raw = Files.readAllBytes(file(house, job, "frames.rgb"));
            assertEquals(21 * 3 * SIDE * SIDE, raw.length);
            for (String stem : List.of("frame", "frame-2")) {
                List<Path> pictures = new ArrayList<>();
                for (int i = 1; i <= 21; i++) {
                    pictures.add(file(house, job, "%s-%05d.png".formatted(stem, i)));
                }
                assertEquals(-1, Arrays.mismatch(raw, pixels(house, pictures)), stem);
            }
            assertVideo(house, file(house, job, "video.mp4"), 24, raw);
            assertVideo(house, file(house, job, "video-2.mp4"), 12, raw);
            assertVideo(house, file(house, job, "video.webm"), 12, raw);
            assertVideo(house, file(house, job, "animation.gif"), 10, raw);
            assertTrue(Files.size(file(house, job, "animation.webp")) > 21);
            // One counter for all that bear the prefix, whatever their kind.
            assertEquals(
                    List.of(
                            "it_00001_.webp",
                            "it_00002_.gif",
                            "it_00003_.webm",
                            "raw/it_00001_.rgb",
                            "video/it_00001_.mp4"),
                    output(house));
            assertEquals(
                    1,
                    job.files().stream()
                            .filter(file -> file.kind() == ResultFile.Kind.THUMBNAIL)
                            .count());
            if (Ffprobe.isInstalled()) {
                assertEquals(
                        List.of("vp9,64,64,12/1,21"),
                        Ffprobe.entries(
                                file(house, job, "video.webm"),
                                "stream=codec_name,width,height,avg_frame_rate,nb_read_packets",
                                "-count_packets"));
            }
        }
    }

    /** Codecs change pixels a little: the mean of all is near. */
    private static void assertVideo(JobHouse house, Path file, int fps, byte[] raw) throws Exception {
        try (VideoReader video = VideoReader.open(file, house.desk.limits(), new FramePool(4))) {
            assertEquals(21, video.info().frames(), file::toString);
            assertEquals(fps, video.info().fps(), 0.05, file::toString);
            long error = 0;
            int at = 0;
            for (Optional<VideoFrame> frame = video.next(); frame.isPresent(); frame = video.next()) {
                for (int i = 0; i < frame.get().bytes(); i++) {
                    error += Math.abs((frame.get().data()[i] & 0xff) - (raw[at++] & 0xff));
                }
                frame.get().release();
            }
            assertEquals(raw.length, at, file::toString);
            assertTrue(error < 16L * raw.length, file + " is off by " + (double) error / raw.length + " on average");
        }
    }

    @Test
    void twoJobsAtOnceWithOnePrefixShareTheCounterAndNoName() throws Exception {
        try (JobHouse house = new JobHouse(directory, "synthetic", Map.of("tachyscope.jobs.parallel", "4")).begin()) {
            Keep pictures = new Keep.Pictures("", filed("same"), Map.of());
            for (int i = 0; i < 4; i++) {
                house.submit("job-" + i, JobWork.of(plan("synthetic", 9, CAT, pictures)));
            }
            for (int i = 0; i < 4; i++) {
                assertEquals(JobState.COMPLETED, house.ended("job-" + i).state());
            }
            assertEquals(
                    IntStream.rangeClosed(1, 36)
                            .mapToObj("same_%05d_.png"::formatted)
                            .toList(),
                    output(house));
        }
    }

    @Test
    void plansRunOneAfterTheOtherAndProgressCountsAll() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            house.submit(
                    "one",
                    new JobWork(List.of(
                            plan("synthetic", 9, CAT, new Keep.Raw("a", Optional.empty())),
                            plan("synthetic", 21, CAT.replace("7", "8"), new Keep.Raw("b", Optional.empty())),
                            plan("synthetic", 9, CAT, new Keep.Raw("c", Optional.empty()), JobHouse.MP4))));
            CompletionStage<List<JobNews>> all = house.desk.watch("one").runWith(Sink.seq(), house.kit.system());
            house.begin();
            List<JobNews> news = JobHouse.get(all);
            Job job = house.ended("one");
            assertEquals(JobState.COMPLETED, job.state(), job::toString);
            assertEquals(39, job.shape().frames());
            List<JobNews> started =
                    news.stream().filter(JobNews.Started.class::isInstance).toList();
            assertEquals(
                    List.of(new JobNews.Started(0, 1), new JobNews.Started(1, 2), new JobNews.Started(2, 1)), started);
            List<JobNews.Stepped> steps = news.stream()
                    .filter(JobNews.Stepped.class::isInstance)
                    .map(JobNews.Stepped.class::cast)
                    .toList();
            for (int i = 0; i < steps.size(); i++) {
                assertEquals(i + 1, steps.get(i).stepsDone(), news::toString);
                int total = steps.get(i).stepsTotal();
                assertTrue(i == 0 || total > i && total <= 1.4 * steps.size(), steps::toString);
            }
            byte[] first = Files.readAllBytes(file(house, job, "frames.rgb"));
            byte[] second = Files.readAllBytes(file(house, job, "frames-2.rgb"));
            assertEquals(9 * 3 * SIDE * SIDE, first.length);
            assertEquals(21 * 3 * SIDE * SIDE, second.length);
            assertTrue(Arrays.mismatch(first, second) >= 0, "the seed of the second plan counts");
            assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(file(house, job, "frames-3.rgb"))));
            assertEquals(
                    List.of("a", "b", "c", "", ""),
                    job.files().stream()
                            .map(file -> ResultLabel.of(file).source())
                            .toList());
            house.awaitNoRuns();
        }
    }

    @Test
    void aLostRunBeginsItsPlanAnewAndNoOther() throws Exception {
        try (JobHouse house = new JobHouse(directory, FaultyProvider.ID, Map.of())) {
            FaultyProvider.crashOnce();
            Keep pictures = new Keep.Pictures("", filed("black"), Map.of());
            house.submit(
                    "one",
                    new JobWork(List.of(
                            plan(FaultyProvider.ID, 3, "{}", pictures),
                            new JobPlan(
                                    FaultyProvider.ID,
                                    Optional.empty(),
                                    InputMode.TEXT,
                                    Optional.empty(),
                                    30,
                                    16,
                                    ParameterSchedule.empty().keyframe(2, JobHouse.parameters("{\"crash\":2}")),
                                    Optional.empty(),
                                    List.of(pictures, JobHouse.MP4),
                                    Map.of(),
                                    Optional.empty()))));
            CompletionStage<List<JobNews>> all = house.desk.watch("one").runWith(Sink.seq(), house.kit.system());
            house.begin();
            List<JobNews> started = JobHouse.get(all).stream()
                    .filter(JobNews.Started.class::isInstance)
                    .toList();
            assertEquals(
                    List.of(new JobNews.Started(0, 1), new JobNews.Started(1, 3), new JobNews.Started(1, 3)), started);
            Job job = house.ended("one");
            assertEquals(JobState.COMPLETED, job.state(), job::toString);
            assertEquals(33, job.shape().frames());
            assertEquals(33, output(house).size());
            assertEquals("black_00033_.png", output(house).get(32));
        }
    }

    @Test
    void aJobThatFailsOrIsCancelledFilesNothing() throws Exception {
        try (JobHouse house = new JobHouse(directory, FaultyProvider.ID, Map.of()).begin()) {
            Keep pictures = new Keep.Pictures("", filed("never"), Map.of());
            house.submit(
                    "bad",
                    new JobWork(List.of(
                            plan(FaultyProvider.ID, 3, "{}", pictures),
                            plan(FaultyProvider.ID, 3, "{\"fail_chunks\":1}", pictures))));
            assertEquals(JobState.FAILED, house.ended("bad").state());
            house.submit("long", JobWork.of(plan(FaultyProvider.ID, 15_000, "{}", pictures)));
            JobHouse.get(house.desk
                    .watch("long")
                    .filter(JobNews.ChunkMade.class::isInstance)
                    .runWith(Sink.head(), house.kit.system()));
            JobHouse.get(house.desk.cancel("long"));
            assertEquals(JobState.CANCELLED, house.ended("long").state());
            house.submit(
                    "outside", JobWork.of(plan(FaultyProvider.ID, 3, "{}", new Keep.Raw("", filed("../../outside")))));
            Job outside = house.ended("outside");
            assertEquals("store_refused", outside.failure().orElseThrow().code(), outside::toString);
            assertEquals(List.of(), output(house));
            try (var left = Files.walk(directory.resolve("jobs/results"))) {
                assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
            }
        }
    }
}
