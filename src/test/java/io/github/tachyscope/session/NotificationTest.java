package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.schedule.Quality;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NotificationTest {
    private static JsonNode told(Quality quality) throws Exception {
        return new ObjectMapper().readTree(Notification.qualityChanged(quality));
    }

    @Test
    void saysInWordsWhatTheSessionDoesWithoutInTheOrderInWhichItGaveWay() throws Exception {
        JsonNode least = told(new Quality(5, 6, Set.of(Economy.SMALLER_PICTURES, Economy.FEWER_STEPS)));
        assertEquals("quality_changed", least.path("type").asText());
        assertEquals(5, least.path("level").asInt());
        assertEquals(6, least.path("max_fps").asDouble());
        assertEquals(
                "[\"at most 6 frames per second\",\"fewer denoising steps\",\"smaller pictures\"]",
                least.path("measures").toString());
        JsonNode everything = told(Quality.FULL);
        assertEquals("[]", everything.path("measures").toString());
        assertFalse(everything.has("max_fps"));
    }
}
