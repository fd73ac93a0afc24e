package io.github.tachyscope.diffusion.sd.blend;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.text.PromptEmbedding;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlendParityTest {
    private static final double TOLERANCE = 1e-4;

    static Stream<Path> forks() {
        return Fixtures.folders(folder -> isConfig(folder) && config(folder).isArray()).stream();
    }

    static Stream<Path> hosts() {
        return Fixtures.folders(folder -> isConfig(folder) && config(folder).has("transition")).stream();
    }

    private static boolean isConfig(Path folder) {
        return Files.exists(folder.resolve("config.json"))
                && folder.getFileName().toString().startsWith("blending");
    }

    private static JsonNode config(Path folder) {
        return Fixtures.json(folder.resolve("config.json"));
    }

    @ParameterizedTest
    @MethodSource("forks")
    void wholeTensorsMixAsInTheReference(Path folder) {
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            for (JsonNode one : config(folder)) {
                double[] weights = weights(one);
                boolean slerp = one.path("method").asText().equals("slerp");
                boolean normalised = one.path("normalize").asBoolean();
                String out = "case" + one.path("case").asInt() + ".out.";
                assertClose(
                        one.toString(),
                        WholeTensorBlend.embedding(
                                inputs(io, "in.embeds.", weights.length), weights, slerp, normalised),
                        io.tensor(out + "embeds"),
                        TOLERANCE);
                assertClose(
                        one.toString(),
                        WholeTensorBlend.noise(inputs(io, "in.noise.", weights.length), weights, slerp, normalised),
                        io.tensor(out + "init_noise"),
                        TOLERANCE);
            }
        }
        assertEquals(before, Pointer.totalCount(), "native objects left behind");
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void promptsMixAsInTheHostApplication(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            for (JsonNode one : config(folder).path("blend")) {
                double[] weights = weights(one);
                List<HeapEmbedding> prompts = inputs(io, "in.embeds.", weights.length).stream()
                        .map(BlendParityTest::heap)
                        .toList();
                HeapEmbedding mixed = HeapEmbedding.blend(
                        prompts, weights, one.path("method").asText().equals("slerp"));
                Tensor expected = io.tensor("blend" + one.path("case").asInt() + ".out");
                assertClose(one.toString(), mixed.states(Placement.CPU), expected, TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void transitionsShowWhatTheHostApplicationShows(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            for (JsonNode one : config(folder).path("transition")) {
                HeapEmbedding from =
                        heap(io.tensor("in.embeds." + one.path("source").asInt()));
                HeapEmbedding to =
                        heap(io.tensor("in.embeds." + one.path("target").asInt()));
                int frames = one.path("num_steps").asInt();
                boolean slerp = one.path("method").asText().equals("slerp");
                EmbeddingTrack track = EmbeddingTrack.at(from).transit(to, frames, slerp);
                if (frames == 1) {
                    // There, one frame shows the source and the target never comes; here, it is a jump.
                    assertFalse(track.moving());
                    assertArrayEquals(to.stateNumbers(), track.present().stateNumbers());
                    continue;
                }
                for (int i = 0; i < one.path("emitted").asInt(); i++) {
                    assertTrue(track.moving());
                    Tensor expected = io.tensor("transition" + one.path("case").asInt() + ".out." + i);
                    assertClose(one + " frame " + i, track.present().states(Placement.CPU), expected, TOLERANCE);
                    track = track.advance();
                }
                assertFalse(track.moving());
                assertArrayEquals(to.stateNumbers(), track.present().stateNumbers());
            }
        }
    }

    @Test
    void thePooledStateGoesWithTheTokens() {
        HeapEmbedding one = HeapEmbedding.of(new float[] {1, 0, 1, 0}, 2, Optional.of(new float[] {2, 0}));
        HeapEmbedding two = HeapEmbedding.of(new float[] {0, 1, 0, 1}, 2, Optional.of(new float[] {0, 2}));
        HeapEmbedding half = HeapEmbedding.blend(List.of(one, two), new double[] {1, 1}, true);
        float sine = (float) Math.sqrt(0.5);
        assertArrayEquals(new float[] {sine, sine, sine, sine}, half.stateNumbers(), 1e-6f);
        assertArrayEquals(new float[] {2 * sine, 2 * sine}, half.pooledNumbers().orElseThrow(), 1e-6f);
        EmbeddingTrack track = EmbeddingTrack.at(one).transit(two, 3, false).advance();
        assertArrayEquals(new float[] {1, 1}, track.present().pooledNumbers().orElseThrow(), 1e-6f);
        assertArrayEquals(
                new float[] {0, 2},
                track.forgetTransition().present().pooledNumbers().orElseThrow(),
                1e-6f);
    }

    @Test
    void embeddingsOfAnotherFormAreTakenAtOnceAndNeverMixed() {
        HeapEmbedding shorter = HeapEmbedding.of(new float[] {1, 0}, 2, Optional.empty());
        HeapEmbedding longer = HeapEmbedding.of(new float[] {0, 1, 0, 1}, 2, Optional.empty());
        EmbeddingTrack track = EmbeddingTrack.at(shorter).transit(longer, 8, true);
        assertFalse(track.moving());
        assertArrayEquals(longer.stateNumbers(), track.present().stateNumbers());
        assertThrows(
                IllegalArgumentException.class,
                () -> HeapEmbedding.blend(List.of(shorter, longer), new double[] {1, 1}, false));
    }

    @Test
    void mixedSeedsAreAsStrongAsOne() {
        try (TensorScope scope = TensorScope.inference()) {
            List<Tensor> noises = IntStream.range(0, 4)
                    .mapToObj(seed -> Noise.normal(seed, Placement.CPU, 1, 4, 16, 16))
                    .toList();
            double[] equal = {1, 1, 1, 1};
            assertEquals(
                    1, WholeTensorBlend.noise(noises, equal, false, true).std().item_double(), 0.05);
            assertEquals(
                    1, WholeTensorBlend.noise(noises, equal, true, true).std().item_double(), 0.05);
            List<Tensor> two = noises.subList(0, 2);
            for (double t = 0; t <= 1; t += 0.125) {
                double[] weights = {1 - t, t};
                assertEquals(
                        1,
                        WholeTensorBlend.noise(two, weights, true, true).std().item_double(),
                        0.05);
            }
        }
    }

    private static HeapEmbedding heap(Tensor states) {
        return HeapEmbedding.of(new PromptEmbedding(states, Optional.empty(), List.of()));
    }

    private static List<Tensor> inputs(SafetensorsFile io, String prefix, int count) {
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            inputs.add(io.tensor(prefix + i));
        }
        return inputs;
    }

    private static double[] weights(JsonNode one) {
        return StreamSupport.stream(one.path("weights").spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }
}
