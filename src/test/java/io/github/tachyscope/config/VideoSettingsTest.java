package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VideoSettingsTest {
    private static VideoSettings read(String text) {
        return Settings.from(ConfigFactory.parseString(text).withFallback(ConfigFactory.load()))
                .video();
    }

    @Test
    void hasTheLimitsOfTheProtocolByDefault() {
        assertEquals(
                new VideoSettings(
                        Optional.empty(),
                        List.of(),
                        14_400,
                        Duration.ofSeconds(600),
                        512L << 20,
                        32 << 20,
                        false,
                        false,
                        new VideoSettings.Stream(
                                Duration.ofSeconds(10), Duration.ofSeconds(60), 4 << 20, 128 << 10, 16)),
                read(""));
    }

    @Test
    void namesEveryKeyThatIsWrong() {
        ConfigProblem problem = assertThrows(
                ConfigProblem.class,
                () -> read("tachyscope.video { max-frames = 0, max-json-size = 1 GiB, compat.x = 1,"
                        + " stream { start-timeout = 0, max-streams = -1 } }"));
        for (String key : List.of(
                "video.max-frames",
                "video.max-json-size",
                "video.compat.x",
                "video.stream.start-timeout",
                "video.stream.max-streams")) {
            assertTrue(problem.getMessage().contains("tachyscope." + key), problem.getMessage());
        }
    }
}
