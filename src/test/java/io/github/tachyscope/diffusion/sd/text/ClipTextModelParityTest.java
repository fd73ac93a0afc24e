package io.github.tachyscope.diffusion.sd.text;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClipTextModelParityTest {
    private static final double TOLERANCE = 5e-5;

    static Stream<Path> models() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("model.safetensors"))
                        && Fixtures.json(folder.resolve("config.json"))
                                .path("model_type")
                                .asText()
                                .startsWith("clip_text_model"))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void statesAreThoseOfTheReference(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder)) {
            ClipTextModel model = ClipTextModel.take(config(folder), weights);
            assertTrue(
                    weights.unused().stream().allMatch(name -> name.endsWith("position_ids")),
                    () -> "unused: " + weights.unused());
            Tensor ids = io.tensor("in.input_ids");
            ClipTextOutput output = model.forward(ids);
            assertClose("last", output.last(), io.tensor("out.last_hidden_state"), TOLERANCE);
            for (int i = 0; i < output.states().size(); i++) {
                assertClose("state " + i, output.states().get(i), io.tensor("out.hidden_states." + i), TOLERANCE);
            }
            assertClose("skipped", model.skipped(output, 1), io.tensor("out.clip_skip_1"), TOLERANCE);
            Optional<Tensor> embeds = output.textEmbeds();
            assertClose(
                    "pooled",
                    embeds.orElse(output.pooled()),
                    io.tensor(embeds.isPresent() ? "out.text_embeds" : "out.pooler_output"),
                    TOLERANCE);
            assertClose(
                    "masked",
                    model.forward(ids, io.tensor("masked.in.attention_mask")).last(),
                    io.tensor("masked.out.last_hidden_state"),
                    TOLERANCE);
        }
    }

    static Stream<Path> pairs() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("config.json"))
                        && Fixtures.json(folder.resolve("config.json")).has("text_encoder_2"))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void bothEncodersOfSdxlGiveOneEmbedding(Path folder) {
        JsonNode pair = Fixtures.json(folder.resolve("config.json"));
        Path firstModel = folder.resolve(pair.path("text_encoder").asText()).normalize();
        Path secondModel = folder.resolve(pair.path("text_encoder_2").asText()).normalize();
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights first = load(firstModel);
                LoadedWeights second = load(secondModel);
                SafetensorsFile io = Fixtures.io(folder)) {
            ClipTextOutput one = ClipTextModel.take(config(firstModel), first).forward(io.tensor("in.input_ids_1"));
            ClipTextOutput two = ClipTextModel.take(config(secondModel), second).forward(io.tensor("in.input_ids_2"));
            Tensor joined = torch.cat(new TensorVector(one.fromEnd(2), two.fromEnd(2)), 2);
            assertClose("embedding", joined, io.tensor("out.prompt_embeds"), TOLERANCE);
            assertClose("pooled", two.textEmbeds().orElseThrow(), io.tensor("out.pooled_prompt_embeds"), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void oneDisturbedWeightIsNoticed(Path folder) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder)) {
            ClipTextModel model = ClipTextModel.take(config(folder), weights);
            // A key's bias shifts all scores of a query alike, which the softmax takes out again.
            List<String> names = new ArrayList<>(weights.parameters().keySet().stream()
                    .filter(name -> !name.endsWith("k_proj.bias") && !name.endsWith("token_embedding.weight"))
                    .toList());
            for (int i = 0; i < 5; i++) {
                String name = names.get(random.nextInt(names.size()));
                Tensor weight = weights.parameters().get(name);
                Tensor saved = weight.clone();
                weight.as_strided(new long[] {weight.numel()}, 1)
                        .select(0, random.nextInt((int) weight.numel()))
                        .add_(new Scalar(0.5f));
                ClipTextOutput output = model.forward(io.tensor("in.input_ids"));
                double distance = Fixtures.distance(output.last(), io.tensor("out.last_hidden_state"))
                        + output.textEmbeds()
                                .map(embeds -> Fixtures.distance(embeds, io.tensor("out.text_embeds")))
                                .orElse(0.0);
                assertTrue(distance > TOLERANCE, "seed " + seed + ": " + name + " changed nothing: " + distance);
                weight.copy_(saved);
            }
        }
    }

    @Test
    void everyWeightLearns() throws Exception {
        ClipTextConfig config = ClipTextConfig.read(new ObjectMapper().readTree("""
                {"vocab_size": 50, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "max_position_embeddings": 8, "eos_token_id": 49}"""));
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                TensorScope scope = TensorScope.plain()) {
            ClipTextModel model = ClipTextModel.take(config, weights);
            weights.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
            Tensor ids = Tensor.create(new long[] {48, 1, 2, 3, 49, 49, 49, 49}, 1, 8);
            ClipTextOutput output = model.forward(ids);
            output.last().square().sum().add(output.pooled().sum()).backward();
            weights.parameters().forEach((name, parameter) -> {
                assertTrue(parameter.grad().defined(), name + " has no gradient");
                assertTrue(torch.isfinite(parameter.grad()).all().item_bool(), name);
            });
        }
    }

    @Test
    void unsupportedConfigurationsAreRefusedByKey() throws Exception {
        for (String bad : List.of(
                "{\"hidden_act\": \"relu\"}",
                "{\"num_attention_heads\": 7}",
                "{\"vocab_size\": 0}",
                "{\"num_hidden_layers\": \"many\"}")) {
            JsonNode config = new ObjectMapper().readTree(bad);
            String message = assertThrows(WeightsRejected.class, () -> ClipTextConfig.read(config), bad)
                    .getMessage();
            assertTrue(message.contains(config.fieldNames().next()), message);
        }
    }

    private static ClipTextConfig config(Path folder) {
        return ClipTextConfig.read(Fixtures.json(folder.resolve("config.json")));
    }

    private static LoadedWeights load(Path folder) {
        return LoadedWeights.folder(folder, "model", Placement.CPU);
    }
}
