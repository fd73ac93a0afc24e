package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.tiny.TinyProvider;
import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandInTest {
    private final StandIn tiny = new StandIn(new TinyProvider().spec());

    @ParameterizedTest
    @CsvSource({
        "512, 512, 512, 512",
        "480, 320, 480, 320",
        "832, 480, 512, 288",
        "480, 832, 288, 512",
        "1024, 1024, 512, 512",
        "64, 64, 256, 256",
        "16, 4096, 256, 512",
        "300, 300, 288, 288"
    })
    void sizesAreTheNearestOfTheSameShape(int width, int height, int made, int high) {
        assertEquals(new PictureSize(made, high), tiny.size(new PictureSize(width, height)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20, 50})
    void stepListsFallAndAreTaken(int count) {
        for (List<Integer> own : List.of(List.of(1000), List.of(1000, 750, 500, 250), List.of(900, 100))) {
            JsonNode steps = StandIn.timesteps(own, count);
            assertEquals(count, steps.size());
            assertEquals(own.get(0), steps.get(0).asInt());
            int before = 1001;
            for (JsonNode step : steps) {
                assertTrue(step.asInt() < before && step.asInt() >= 1, () -> own + ": " + steps);
                before = step.asInt();
            }
        }
    }
}
