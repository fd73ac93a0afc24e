package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More clients than the device can serve: some are refused, the others are told what they do without, and get it back. */
class PressureIT {
    private static RunningServer slow(Path directory, Map<String, String> load) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "tachyscope.pipelines.preload", "",
                // A chunk of 12 frames keeps the device busy for at least 160 ms.
                "tachyscope.pipelines.synthetic.step-cost", "40 ms",
                "tachyscope.load.dwell", "1 s"));
        settings.putAll(load);
        RunningServer server = RunningServer.start(directory, settings);
        server.loadWith(Map.of("width", 128, "height", 128), "synthetic");
        return server;
    }

    @Test
    void competingSessionsAreToldWhatTheyDoWithoutAndGetItBack(@TempDir Path directory) throws Exception {
        // 13 milliseconds a frame and more: two sessions at 60 frames a second are too many.
        try (RunningServer server = slow(
                        directory,
                        Map.of(
                                "tachyscope.load.target-fps", "60",
                                "tachyscope.load.least-fps", "1",
                                "tachyscope.load.upper-percent", "90",
                                "tachyscope.load.lower-percent", "60"));
                LiveClient first = LiveClient.viewing(server, "{}")) {
            first.awaitPictures(20);
            assertEquals(List.of(), first.notices("quality_changed"), "alone it does without nothing");
            try (LiveClient second = LiveClient.viewing(server, "{}")) {
                second.awaitPictures(5);
                JsonNode told = first.awaitNotice("quality_changed");
                assertEquals(1, told.path("level").asInt(), told.toString());
                assertTrue(told.path("measures").size() > 0, told.toString());
                LibWebRtcPeer.await("the second client is told too", () -> {
                    try {
                        return !second.notices("quality_changed").isEmpty();
                    } catch (Exception failure) {
                        throw new IllegalStateException(failure);
                    }
                });
                assertTrue(server.get("/metrics").body().contains("tachyscope_quality_level{device="));
            }
            LibWebRtcPeer.await("everything is back", () -> {
                try {
                    List<JsonNode> told = first.notices("quality_changed");
                    return told.get(told.size() - 1).path("level").asInt() == 0;
                } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                }
            });
        }
    }

    @Test
    void theLastThingToGiveWayIsTheSizeOfThePictures(@TempDir Path directory) throws Exception {
        // At 600 frames a second for each of two, all three measures together are not enough.
        try (RunningServer server = slow(
                        directory,
                        Map.of(
                                "tachyscope.load.target-fps", "600",
                                "tachyscope.load.least-fps", "1",
                                "tachyscope.load.upper-percent", "60",
                                "tachyscope.load.lower-percent", "30"));
                LiveClient first = LiveClient.viewing(server, "{}")) {
            first.awaitPictures(20);
            assertEquals(128, first.video.width());
            try (LiveClient second = LiveClient.viewing(server, "{}")) {
                LibWebRtcPeer.await("smaller pictures", () -> first.video.width() == 96 && second.video.width() == 96);
                List<JsonNode> told = first.notices("quality_changed");
                for (int i = 0; i < told.size(); i++) {
                    assertEquals(i + 1, told.get(i).path("level").asInt(), told.toString());
                }
                String measures = told.get(told.size() - 1).path("measures").toString();
                assertTrue(
                        measures.endsWith("\"fewer denoising steps\",\"smaller pictures\"]"), "all of it: " + measures);
                first.awaitPictures(10);
            }
            LibWebRtcPeer.await("pictures as they were", () -> first.video.width() == 128);
            first.awaitPictures(10);
        }
    }

    @Test
    void aClientBeyondTheBudgetIsRefusedAndAdmittedAfterAnotherLeft(@TempDir Path directory) throws Exception {
        // At least 13 ms a frame: at 60 frames a second for everybody one session fits, and two do not.
        try (RunningServer server = slow(
                        directory,
                        Map.of(
                                "tachyscope.load.target-fps", "60",
                                "tachyscope.load.least-fps", "60",
                                // Else fewer steps would make room.
                                "tachyscope.load.measures", "lower-rate",
                                "tachyscope.load.upper-percent", "150",
                                "tachyscope.load.lower-percent", "140"));
                LiveClient late = LiveClient.viewer(server)) {
            try (LiveClient first = LiveClient.viewing(server, "{}")) {
                first.awaitPictures(30);
                HttpResponse<String> refused = late.offer("{}");
                assertEquals(503, refused.statusCode(), refused.body());
                assertTrue(refused.headers().firstValue("Retry-After").isPresent());
                assertTrue(refused.body().contains("busy"), refused.body());
                first.awaitPictures(10);
            }
            LibWebRtcPeer.await("the client is admitted", () -> {
                try {
                    return late.offer("{}").statusCode() == 200;
                } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                }
            });
        }
    }
}
