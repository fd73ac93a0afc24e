package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComfySettingsTest {
    private static ComfySettings read(String text) {
        return Settings.from(ConfigFactory.parseString(text).withFallback(ConfigFactory.load()))
                .comfy();
    }

    @Test
    void hasTheDefaultsThatClientsExpect() {
        ComfySettings settings = read("");
        assertTrue(settings.enabled());
        assertEquals(Optional.empty(), settings.listener());
        assertEquals(new ComfySettings.Preview("latent2rgb", 512, 95), settings.preview());
        assertEquals(100 << 20, settings.maxUploadBytes());
        assertEquals(Optional.of("tiny"), settings.standIn());
        assertEquals(Optional.empty(), settings.corsOrigin());
        assertEquals(
                new ComfySettings.Limits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
                settings.limits());
        assertEquals(10_000, settings.maxHistory());
    }

    @Test
    void readsWhatIsSet() {
        ComfySettings settings = read("tachyscope.comfy { stand-in = \"\", aliases { \"a.ckpt\" = \"b/c\" },"
                + " limits { frames = 81, steps = 40 }, listener.enabled = true }");
        assertEquals(Optional.empty(), settings.standIn());
        assertEquals(Map.of("a.ckpt", "b/c"), settings.aliases());
        assertEquals(Optional.of(81), settings.limits().frames());
        assertEquals(Optional.of(new ComfySettings.Listener("127.0.0.1", 8188)), settings.listener());
    }

    @Test
    void namesEveryKeyThatIsWrong() {
        ConfigProblem problem = assertThrows(
                ConfigProblem.class,
                () -> read("tachyscope.comfy { preview { method = fast, quality = 0, size = 5000 }, max-history = 0,"
                        + " limits.width = -1 }"));
        for (String key : List.of("preview.method", "preview.quality", "preview.size", "max-history", "limits.width")) {
            assertTrue(problem.getMessage().contains("tachyscope.comfy." + key), problem.getMessage());
        }
    }

    @Test
    void aSecondPortIsNotOpenToTheNetworkWithoutAToken() {
        String open = "tachyscope.comfy.listener { enabled = true, host = 0.0.0.0 }";
        ConfigProblem problem = assertThrows(ConfigProblem.class, () -> read(open));
        assertTrue(problem.getMessage().contains("tachyscope.comfy.listener.host"), problem.getMessage());
        assertTrue(read(open + "\ntachyscope.server.access-token = secret")
                .listener()
                .isPresent());
    }
}
