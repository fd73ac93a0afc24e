package io.github.tachyscope.diffusion.sd.lora;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.text.ClipTextConfig;
import io.github.tachyscope.diffusion.sd.text.ClipTextModel;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.SafetensorsWriter;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of every spelling, merged, against the reference's outputs and fused weights. */
class LoraParityTest {
    private static final double OUTPUT = 1e-4;
    private static final double WEIGHT = 1e-6;
    private static final Pattern CASE =
            Pattern.compile("out\\.(\\w+)\\.scale([\\d.]+)\\.(sample|text_last.*|weight\\..*)");

    @Test
    void everyFileAndScaleGivesTheReferencesOutputsAndWeights() {
        Path folder = Fixtures.folder("lora_sd15");
        try (Model model = new Model(folder)) {
            int cases = 0;
            for (String entry : model.io.entries().keySet()) {
                Matcher match = CASE.matcher(entry);
                if (match.matches()) {
                    Path file = folder.resolve(match.group(1) + ".safetensors");
                    try (LoraMerge merge = new LoraMerge(model.targets)) {
                        merge.add("one", LoraFile.open(file));
                        merge.scale(Map.of("one", Double.parseDouble(match.group(2))));
                        check(model, entry, match.group(3));
                    }
                    cases++;
                }
            }
            assertTrue(cases >= 30, cases + " cases");
            assertClose("base again", model.sample(), model.io.tensor("out.base.sample"), OUTPUT);
        }
    }

    private static void check(Model model, String entry, String what) {
        Tensor expected = model.io.tensor(entry);
        if (what.equals("sample")) {
            assertClose(entry, model.sample(), expected, OUTPUT);
        } else if (what.startsWith("text")) {
            assertClose(entry, model.text(), expected, OUTPUT);
        } else {
            String name = what.substring("weight.".length());
            assertClose(entry, model.unetWeights.parameters().get(name), expected, WEIGHT);
        }
    }

    @Test
    void adaptersAddUpAndComeOutAgainWithoutDrift() {
        Path folder = Fixtures.folder("lora_sd15");
        try (Model model = new Model(folder);
                LoraMerge merge = new LoraMerge(model.targets)) {
            merge.add("kohya", LoraFile.open(folder.resolve("kohya_lcm_style.safetensors")));
            merge.add("peft", LoraFile.open(folder.resolve("peft_style.safetensors")));
            merge.scale(Map.of("kohya", 1.0, "peft", 0.5));
            assertClose("both", model.sample(), model.io.tensor("out.kohya1.0_then_peft0.5.sample"), OUTPUT);
            String name = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight";
            for (int i = 0; i < 200; i++) {
                merge.scale(Map.of("kohya", i / 100.0, "peft", -i / 50.0));
            }
            merge.scale(Map.of("kohya", 0.0, "peft", 0.0));
            try (SafetensorsFile stored =
                    SafetensorsFile.open(folder.resolve("../unet_sd15/diffusion_pytorch_model.safetensors"))) {
                assertTrue(torch.equal(model.unetWeights.parameters().get(name), stored.tensor(name)), "bit for bit");
            }
        }
    }

    @Test
    void denoiserAndTextEncodersChangeApart() {
        Path folder = Fixtures.folder("lora_sd15");
        try (Model model = new Model(folder);
                LoraMerge merge = new LoraMerge(model.targets)) {
            merge.add("one", LoraFile.open(folder.resolve("kohya_lcm_style.safetensors")));
            Tensor sample = model.sample();
            Tensor text = model.text();
            assertTrue(merge.changes("one", LoraMerge.Part.DENOISER));
            assertTrue(merge.changes("one", LoraMerge.Part.TEXT_ENCODERS));
            assertTrue(merge.scale(LoraMerge.Part.DENOISER, Map.of("one", 1.0)));
            assertFalse(merge.scale(LoraMerge.Part.DENOISER, Map.of("one", 1.0)), "nothing to write");
            assertFalse(torch.equal(sample, model.sample()));
            assertTrue(torch.equal(text, model.text()));
            assertTrue(merge.scale(LoraMerge.Part.TEXT_ENCODERS, Map.of("one", 1.0)));
            assertFalse(torch.equal(text, model.text()));
        }
    }

    @Test
    void aSettledAdapterIsPartOfTheModel() {
        Path folder = Fixtures.folder("lora_sd15");
        try (Model model = new Model(folder)) {
            try (LoraMerge merge = new LoraMerge(model.targets)) {
                merge.add("kohya", LoraFile.open(folder.resolve("kohya_lcm_style.safetensors")));
                merge.scale(Map.of("kohya", 1.0));
                merge.settle();
                merge.add("peft", LoraFile.open(folder.resolve("peft_style.safetensors")));
                merge.scale(Map.of("peft", 0.5));
                assertClose("both", model.sample(), model.io.tensor("out.kohya1.0_then_peft0.5.sample"), OUTPUT);
            }
            assertClose("one", model.sample(), model.io.tensor("out.kohya_lcm_style.scale1.0.sample"), OUTPUT);
        }
    }

    @Test
    void originalSdxlNamesFindTheirModules() {
        Path folder = Fixtures.folder("lora_sdxl");
        try (Model model = new Model(folder)) {
            assertClose("base", model.sample(), model.io.tensor("out.base.sample"), OUTPUT);
            try (LoraMerge merge = new LoraMerge(model.targets)) {
                Set<String> unknown = merge.add("one", LoraFile.open(folder.resolve("kohya_sgm_names.safetensors")));
                assertEquals(Set.of(), unknown);
                merge.scale(Map.of("one", model.config.path("lora_scale").asDouble()));
                assertClose("merged", model.sample(), model.io.tensor("out.scale0.8.sample"), OUTPUT);
            }
        }
    }

    @Test
    void anAdapterOfAnotherBaseIsRefusedWithTheNamesThatDoNotFit() {
        Path sdxl = Fixtures.folder("lora_sdxl");
        Path sd15 = Fixtures.folder("lora_sd15");
        try (Model model = new Model(sdxl);
                LoraMerge merge = new LoraMerge(model.targets)) {
            LoraFile file = LoraFile.open(sd15.resolve("kohya_lcm_style.safetensors"));
            String message = assertThrows(WeightsRejected.class, () -> merge.add("one", file))
                    .getMessage();
            assertTrue(message.contains("another base model") && message.contains("lora_unet_"), message);
            assertClose("untouched", model.sample(), model.io.tensor("out.base.sample"), OUTPUT);
        }
    }

    @Test
    void otherKindsOfAdaptersAndHalvesAreRefusedByName(@TempDir Path folder) throws Exception {
        for (List<String> keys : List.of(
                List.of("lora_unet_mid_block_resnets_0_conv1.lora_down.weight"),
                List.of("lora_unet_mid_block_resnets_0_conv1.hada_w1_a"),
                List.of("lora_unet_x.lora_down.weight", "lora_unet_x.lora_up.weight", "lora_unet_x.dora_scale"),
                List.of("conv_in.weight"))) {
            Path path = folder.resolve("bad.safetensors");
            try (TensorScope scope = TensorScope.inference()) {
                Tensor factor = torch.ones(4, 4);
                Map<String, Tensor> tensors = new java.util.LinkedHashMap<>();
                keys.forEach(key -> tensors.put(key, factor));
                SafetensorsWriter.write(path, tensors, Precision.FP32, Map.of());
                String message = assertThrows(WeightsRejected.class, () -> LoraFile.open(path), keys::toString)
                        .getMessage();
                assertTrue(message.contains("bad.safetensors"), message);
            }
        }
    }

    /** The models that a case is about. */
    private static final class Model implements AutoCloseable {
        private final TensorScope scope = TensorScope.inference();
        private final JsonNode config;
        private final SafetensorsFile io;
        private final LoadedWeights unetWeights;
        private final UNet unet;
        private final Optional<LoadedWeights> textWeights;
        private final Optional<ClipTextModel> textModel;
        private final LoraTargets targets;

        Model(Path folder) {
            config = Fixtures.json(folder.resolve("config.json"));
            io = Fixtures.io(folder);
            Path unetFolder = folder.resolve(config.path("unet").asText());
            JsonNode unetConfig = Fixtures.json(unetFolder.resolve("config.json"));
            unetWeights = LoadedWeights.folder(unetFolder, "diffusion_pytorch_model", Placement.CPU);
            unet = UNet.take(UNetConfig.read(unetConfig), unetWeights);
            Optional<Path> textFolder = config.has("text_encoder")
                    ? Optional.of(folder.resolve(config.path("text_encoder").asText()))
                    : Optional.empty();
            textWeights = textFolder.map(path -> LoadedWeights.folder(path, "model", Placement.CPU));
            textModel = textFolder.map(path -> ClipTextModel.take(
                    ClipTextConfig.read(Fixtures.json(path.resolve("config.json"))), textWeights.orElseThrow()));
            targets = new LoraTargets(
                    unetWeights,
                    unetConfig.path("layers_per_block").asInt(),
                    textWeights
                            .map(List::<io.github.tachyscope.tensor.Weights>of)
                            .orElse(List.of()));
        }

        Tensor sample() {
            Tensor states = io.tensor("in.encoder_hidden_states");
            Conditioning conditioning = io.entries().containsKey("in.time_ids")
                    ? unet.condition(states, io.tensor("in.text_embeds"), io.tensor("in.time_ids"))
                    : unet.condition(states);
            return unet.forward(
                    io.tensor("in.sample"), unet.time(io.tensor("in.timestep"), conditioning), conditioning);
        }

        Tensor text() {
            return textModel.orElseThrow().forward(io.tensor("in.input_ids")).last();
        }

        @Override
        public void close() {
            textWeights.ifPresent(LoadedWeights::close);
            unetWeights.close();
            io.close();
            scope.close();
        }
    }
}
