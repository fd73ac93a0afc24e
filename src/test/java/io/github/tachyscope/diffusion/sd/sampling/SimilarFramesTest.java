package io.github.tachyscope.diffusion.sd.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SimilarFramesTest {
    @Test
    void probabilitiesAndDecisionsAreThoseOfTheReference() {
        Path folder = Fixtures.folder("similar_filter");
        JsonNode config = Fixtures.json(folder.resolve("config.json"));
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            int cases = 0;
            for (Map.Entry<String, JsonNode> entry : config.properties()) {
                if (entry.getValue().isObject()) {
                    follow(io, entry.getKey(), entry.getValue());
                    cases++;
                }
            }
            assertTrue(cases >= 4, cases + " cases");
        }
    }

    private static void follow(SafetensorsFile io, String name, JsonNode config) {
        SimilarFrames filter = new SimilarFrames(
                config.path("threshold").asDouble(),
                config.path("max_skip_frame").asInt(),
                false);
        Tensor frames = io.tensor("in.frames");
        for (int i = 0; i < frames.size(0); i++) {
            float[] frame = floats(frames.select(0, i));
            double expected = io.tensor(name + ".out.skip_prob").select(0, i).item_double();
            if (expected >= 0) {
                assertEquals(expected, filter.skipProbability(frame), 1e-3, name + " frame " + i);
            }
            boolean skip = filter.skips(
                    frame, io.tensor(name + ".in.uniform").select(0, i).item_double());
            assertEquals(io.tensor(name + ".out.skip").select(0, i).item_int() != 0, skip, name + " frame " + i);
        }
    }

    @Test
    void skipsInARowAreCountedAnewAfterAProcessedFrameWhenAsked() {
        SimilarFrames filter = new SimilarFrames(0.9, 2, true);
        float[] still = {0.5f, -0.25f};
        float[] other = {-0.5f, 0.25f};
        assertFalse(filter.skips(still, 0.5), "the first frame");
        assertTrue(filter.skips(still, 0.5));
        assertTrue(filter.skips(still, 0.5));
        assertFalse(filter.skips(still, 0.5), "the limit");
        assertTrue(filter.skips(still, 0.5));
        assertFalse(filter.skips(other, 0.5));
        assertTrue(filter.skips(other, 0.5));
        assertTrue(filter.skips(other, 0.5), "counted anew");
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.contiguous().data_ptr()).get(values);
        return values;
    }
}
