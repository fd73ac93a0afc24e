package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.MediaFolder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests of jobs as they are stored. */
class JobWorkTest {
    private static final Optional<Filing> FILED =
            Optional.of(new Filing(MediaFolder.TEMP, "video/cat_%seed%", Map.of("seed", "18446744073709551615")));

    private static JobPlan full() throws Exception {
        return new JobPlan(
                "synthetic",
                Optional.of(JobHouse.parameters("{\"width\":64,\"loras\":[{\"path\":\"a\",\"scale\":0.5}]}")),
                InputMode.VIDEO,
                Optional.of(new PictureSize(640, 384)),
                33,
                16,
                ParameterSchedule.constant(JobHouse.parameters("{\"base_seed\":7}"))
                        .keyframe(2, JobHouse.parameters("{\"noise_scale\":0.3}")),
                Optional.of(new Footage.Picture(Path.of("/tmp/cat.png"))),
                List.of(
                        new Keep.Mp4("9", FILED, 30),
                        new Keep.Raw("", Optional.empty()),
                        new Keep.Pictures("10", FILED, Map.of("prompt", "{\"1\":{}}", "workflow", "日本")),
                        new Keep.Webp("11", FILED, 6.5, true, 80, WebpWriter.Effort.SLOWEST),
                        new Keep.Gif("12", Optional.empty(), 12.5),
                        new Keep.Webm("13", FILED, 23.976, WebmWriter.Codec.AV1, 32)),
                Map.of("crf", "20"),
                Optional.of(new Previews("latent2rgb", 512, 95, true)));
    }

    @Test
    void workComesBackFromItsTextAsItWas() throws Exception {
        JobWork work = new JobWork(List.of(full(), JobHouse.text(5, "{}")));
        assertEquals(work, JobWork.parse(work.toJson()));
        assertEquals(38, work.frames());
        assertTrue(work.makesMp4());
        assertFalse(JobWork.of(JobHouse.text(5, "{}")).makesMp4());
    }

    @Test
    void requestsOfTheTimeWhenAJobWasOnePlanCanStillBeRead() throws Exception {
        String stored = "{\"pipeline\":\"synthetic\",\"mode\":\"text\",\"frames\":20,\"fps\":16,\"output\":\"%s\","
                + "\"schedule\":{\"dense\":{},\"steady\":{},\"keyframes\":{\"0\":{\"base_seed\":7}}},\"encoder\":{},"
                + "\"attached\":\"run-1\"}";
        JobPlan raw = JobHouse.text(20, "{\"base_seed\":7}");
        assertEquals(JobWork.of(raw), JobWork.parse(stored.formatted("RAW")));
        JobPlan mp4 = JobHouse.plan(20, "{\"base_seed\":7}", JobHouse.MP4);
        assertEquals(JobWork.of(mp4), JobWork.parse(stored.formatted("MP4")));
        assertTrue(JobDesk.attachedElsewhere(stored, "run-2"));
    }

    @Test
    void whatIsNoWorkIsRefused() throws Exception {
        for (String text :
                List.of("", "[]", "{}", "{\"plans\":[]}", "{\"plans\":[{}]}", "\"plans\"", "{\"pipeline\"")) {
            assertThrows(IllegalArgumentException.class, () -> JobWork.parse(text), text);
        }
        String unknown = JobWork.of(full()).toJson().replace("\"gif\"", "\"apng\"");
        assertThrows(IllegalArgumentException.class, () -> JobWork.parse(unknown));
        JobPlan plan = JobHouse.text(5, "{}");
        List<JobPlan> tooMany = Collections.nCopies(JobWork.MAX_PLANS + 1, plan);
        assertThrows(IllegalArgumentException.class, () -> new JobWork(tooMany));
    }
}
