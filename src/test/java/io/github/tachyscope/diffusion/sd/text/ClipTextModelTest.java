package io.github.tachyscope.diffusion.sd.text;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsWriter;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClipTextModelTest {
    private static final double EXACT = 1e-6;

    /** The bundled model's form, with a small vocabulary whose end token is not its last one. */
    private static final String TINY = """
            {"vocab_size": 50, "hidden_size": 96, "intermediate_size": 384, "num_hidden_layers": 2,
             "num_attention_heads": 4, "max_position_embeddings": 24, "eos_token_id": 40}""";

    @Test
    void laterTokensDoNotChangeEarlierStates() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextModel model = ClipTextModel.take(config(), weights);
            Tensor one = model.forward(ids(1, 2, 3, 4, 40)).last();
            Tensor other = model.forward(ids(1, 2, 3, 5, 40)).last();
            assertClose("before", one.narrow(1, 0, 3), other.narrow(1, 0, 3), EXACT);
            assertTrue(Fixtures.distance(one.narrow(1, 4, 1), other.narrow(1, 4, 1)) > 1e-4, "after");
        }
    }

    @Test
    void maskedTokensAreNotSeen() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextModel model = ClipTextModel.take(config(), weights);
            Tensor mask = ids(1, 0, 1, 1);
            Tensor one = model.forward(ids(1, 2, 3, 40), mask).last();
            Tensor other = model.forward(ids(1, 9, 3, 40), mask).last();
            assertClose("rest", one.narrow(1, 2, 2), other.narrow(1, 2, 2), EXACT);
            assertTrue(Fixtures.distance(one, other) > 1e-4, "the masked token itself");
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void statesStayNumbersWhenNothingMayBeSeen(Precision precision) {
        Placement placement = Placement.CPU.with(precision);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, placement)) {
            ClipTextOutput output = ClipTextModel.take(config(), weights).forward(ids(1, 2, 3, 40), ids(0, 0, 0, 0));
            assertTrue(torch.isfinite(output.last()).all().item_bool());
        }
    }

    @Test
    void pooledIsTheStateAtTheFirstEndToken() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextOutput output = ClipTextModel.take(config(), weights).forward(ids(1, 45, 40, 40, 40));
            assertClose("pooled", output.pooled(), output.last().select(1, 2), 0);
        }
    }

    @Test
    void aMistakenEndTokenMeansTheLargestOne() throws Exception {
        ObjectNode legacy = (ObjectNode) json();
        legacy.put("eos_token_id", 2);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextOutput output =
                    ClipTextModel.take(ClipTextConfig.read(legacy), weights).forward(ids(1, 2, 3, 49, 49));
            assertClose("pooled", output.pooled(), output.last().select(1, 3), 0);
        }
    }

    @Test
    void namesWithoutThePrefixAreTheSameModel(@TempDir Path folder) throws IOException {
        Tensor ids = ids(1, 2, 3, 40);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            Tensor expected = ClipTextModel.take(config(), weights).forward(ids).last();
            Path file = write(folder, weights.parameters(), name -> name.replace("text_model.", ""));
            try (LoadedWeights bare = LoadedWeights.file(file, Placement.CPU)) {
                assertClose(
                        "last", ClipTextModel.take(config(), bare).forward(ids).last(), expected, EXACT);
            }
        }
    }

    @Test
    void missingAndMisshapenTensorsAreNamed(@TempDir Path folder) throws IOException {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextModel.take(config(), weights);
            String victim = "text_model.encoder.layers.1.self_attn.v_proj.weight";
            Path lost = write(folder, weights.parameters(), name -> name.equals(victim) ? "other" : name);
            assertTrue(refusal(lost, json()).contains(victim + " is missing"));
            ObjectNode larger = (ObjectNode) json();
            larger.put("vocab_size", 51);
            assertTrue(refusal(lost, larger).contains("token_embedding.weight has shape [50, 96]"));
        }
    }

    private static String refusal(Path file, JsonNode config) {
        try (LoadedWeights weights = LoadedWeights.file(file, Placement.CPU)) {
            return assertThrows(WeightsRejected.class, () -> ClipTextModel.take(ClipTextConfig.read(config), weights))
                    .getMessage();
        }
    }

    @Test
    void runningLeavesNothingBehind() {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            ClipTextModel model = ClipTextModel.take(config(), weights);
            run(model);
            long before = Pointer.totalCount();
            for (int i = 0; i < 3; i++) {
                run(model);
            }
            assertTrue(Pointer.totalCount() <= before, "native objects left behind");
        }
    }

    private static void run(ClipTextModel model) {
        try (TensorScope scope = TensorScope.inference()) {
            model.skipped(model.forward(ids(1, 2, 3, 40), ids(1, 1, 0, 1)), 1);
        }
    }

    private static Path write(Path folder, Map<String, Tensor> tensors, UnaryOperator<String> rename)
            throws IOException {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> renamed.put(rename.apply(name), tensor));
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, renamed, Precision.FP32, Map.of());
        return file;
    }

    private static Tensor ids(long... ids) {
        return Tensor.create(ids, 1, ids.length);
    }

    private static JsonNode json() {
        try {
            return new ObjectMapper().readTree(TINY);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static ClipTextConfig config() {
        return ClipTextConfig.read(json());
    }
}
