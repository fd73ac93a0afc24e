package io.github.tachyscope.diffusion.streamdiffusion;

import static io.github.tachyscope.diffusion.streamdiffusion.Rig.distance;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.sd.model.Acceleration;
import io.github.tachyscope.diffusion.sd.model.Codec;
import io.github.tachyscope.diffusion.sd.model.ModelLoader;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.Weights;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model folders: what is read, and what is said about those that cannot be used. */
class ModelLoaderTest {
    @TempDir
    Path folder;

    private SmallModels models;

    @BeforeEach
    void put() {
        Torch.useThreads(1);
        models = SmallModels.in(folder);
    }

    private static LoadRequest request(
            String model, Acceleration acceleration, boolean lcm, boolean tiny, ModelRequest.Lora... loras) {
        return new LoadRequest(
                new ModelRequest(
                        model, acceleration, lcm, tiny ? ModelRequest.TINY : ModelRequest.FULL, false, List.of(loras)),
                Rig.SIDE,
                Rig.SIDE,
                1);
    }

    private SdModel load(LoadRequest request) {
        return ModelLoader.load(Rig.places(models), request.model(), Placement.CPU, stage -> {});
    }

    private String refusal(LoadRequest request) {
        long before = Pointer.totalCount();
        String message = String.valueOf(
                assertThrows(RuntimeException.class, () -> load(request)).getMessage());
        NativeObjects.assertNoMoreThan(before, "left behind by: " + message);
        return message;
    }

    @Test
    void whatIsMissingIsNamedAndNothingStaysLoaded() {
        load(Rig.request(SmallModels.SDXL)).close();
        Map<String, String> files = new LinkedHashMap<>();
        files.put("/unet/config.json", "there is no unet/config.json");
        files.put("/scheduler/scheduler_config.json", "there is no scheduler/scheduler_config.json");
        files.put("/text_encoder_2/config.json", "there is no text_encoder_2/config.json");
        files.put("/tokenizer_2/merges.txt", "there is no tokenizer_2/merges.txt");
        files.put("/unet/diffusion_pytorch_model.safetensors", "no diffusion_pytorch_model.safetensors in unet");
        files.put("/text_encoder/model.safetensors", "no model.safetensors in text_encoder");
        files.forEach((file, message) -> {
            models.remove(SmallModels.SDXL + file);
            String said = refusal(Rig.request(SmallModels.SDXL));
            assertTrue(said.contains(message), said);
            models = SmallModels.in(folder);
        });
        assertTrue(
                refusal(Rig.request("stabilityai/sd-turbo")).contains("stabilityai/sd-turbo is not on this machine"));
        assertTrue(refusal(Rig.request("../etc")).contains("is not on this machine"));
        assertTrue(refusal(Rig.request("/etc")).contains("is not on this machine"));
    }

    @Test
    void aTensorOrAConfigurationKeyThatDoesNotFitIsNamed() {
        models.file(
                models.folder(SmallModels.SDXL + "/unet/diffusion_pytorch_model.safetensors"),
                SmallModels.SD15 + "/unet/diffusion_pytorch_model.safetensors");
        String tensor = refusal(Rig.request(SmallModels.SD15));
        assertTrue(tensor.contains("tensor ") && tensor.contains("_blocks."), tensor);
        models = SmallModels.in(folder);
        String config = SmallModels.SD15 + "/unet/config.json";
        models.write(
                config,
                models.read(config).replaceAll("\"dual_cross_attention\": *false", "\"dual_cross_attention\": true"));
        String key = refusal(Rig.request(SmallModels.SD15));
        assertTrue(key.contains("dual_cross_attention"), key);
        models = SmallModels.in(folder);
        models.write(SmallModels.SD15 + "/unet/config.json", "{");
        assertTrue(refusal(Rig.request(SmallModels.SD15)).contains("unet/config.json cannot be read"));
        models = SmallModels.in(folder);
        models.file(
                models.folder(SmallModels.SDXL + "/text_encoder_2/config.json"),
                SmallModels.SD15 + "/text_encoder/config.json");
        models.file(
                models.folder(SmallModels.SDXL + "/text_encoder_2/model.safetensors"),
                SmallModels.SD15 + "/text_encoder/model.safetensors");
        assertTrue(refusal(Rig.request(SmallModels.SD15)).contains("cross_attention_dim is 24"));
    }

    @Test
    void theAutoencoderIsTheOneThatWasAskedFor() {
        List<float[]> shown = new ArrayList<>();
        for (boolean tiny : List.of(true, false)) {
            try (Rig rig = Rig.of(models, request(SmallModels.SD15, Acceleration.CHANNELS_LAST, false, tiny))) {
                assertEquals(tiny, rig.model.codec() instanceof Codec.Tiny);
                try (StreamGeneration one = rig.open(InputMode.VIDEO, "{}")) {
                    shown.add(rig.filmed(one, picture(1)));
                }
            }
        }
        assertTrue(distance(shown.get(0), shown.get(1)) > 0.01);
        models.remove("madebyollin/taesd/config.json");
        models.remove("madebyollin/taesd/diffusion_pytorch_model.safetensors");
        models.remove("madebyollin/taesd");
        String message = refusal(Rig.request(SmallModels.SD15));
        assertTrue(message.contains("madebyollin/taesd") && message.contains("use_taesd = false"), message);
    }

    @Test
    void everyAccelerationComputesInItsWay() {
        Map<Acceleration, float[]> shown = new LinkedHashMap<>();
        for (Acceleration acceleration : Acceleration.values()) {
            try (Rig rig = Rig.of(models, request(SmallModels.SD15, acceleration, false, true))) {
                Tensor kernel = rig.model.owned().stream()
                        .filter(Weights.class::isInstance)
                        .map(owned -> ((Weights) owned).parameters().get("down_blocks.0.resnets.0.conv1.weight"))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow();
                assertEquals(
                        acceleration == Acceleration.BF16 ? ScalarType.BFloat16 : ScalarType.Float,
                        kernel.scalar_type().intern());
                assertEquals(acceleration == Acceleration.NONE, !kernel.is_contiguous(MemoryFormat.ChannelsLast));
                try (StreamGeneration one = rig.open(InputMode.VIDEO, "{'t_index_list':[32],'prompts':['a cat']}")) {
                    shown.put(acceleration, rig.filmed(one, picture(1)));
                }
            }
        }
        double layout = distance(shown.get(Acceleration.NONE), shown.get(Acceleration.CHANNELS_LAST));
        double rounding = distance(shown.get(Acceleration.NONE), shown.get(Acceleration.BF16));
        assertTrue(layout < 1e-4, "layout changes " + layout);
        assertTrue(rounding > 1e-3 && rounding < 1, "bf16 changes " + rounding);
    }

    @Test
    void theLcmLoraIsMergedWhereTheModelNeedsIt() {
        LoadRequest with = request(SmallModels.SD15, Acceleration.CHANNELS_LAST, true, true);
        String missing = refusal(with);
        assertTrue(
                missing.contains("latent-consistency/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors")
                        && missing.contains("use_lcm_lora = false"),
                missing);
        models.file(
                models.folder("lora/kohya_lcm_style.safetensors"),
                "latent-consistency/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors");
        assertTrue(distance(shown(with), shown(Rig.request(SmallModels.SD15))) > 1e-3, "it changes the picture");
        models.write(
                SmallModels.SD15 + "/scheduler/scheduler_config.json",
                "{\"_class_name\": \"EulerDiscreteScheduler\", \"timestep_spacing\": \"trailing\"}");
        assertArrayEquals(shown(Rig.request(SmallModels.SD15)), shown(with), "a distilled model needs none");
    }

    private float[] shown(LoadRequest request) {
        try (Rig rig = Rig.of(models, request);
                StreamGeneration one = rig.open(InputMode.VIDEO, "{'t_index_list':[20],'prompts':['a cat']}")) {
            return rig.filmed(one, picture(1));
        }
    }

    @Test
    void lorasAreMergedForGoodOrKeepAScaleAndGiveTheSamePicture() {
        LoadRequest none = Rig.request(SmallModels.SD15);
        float[] merged = shown(Rig.request(
                SmallModels.SD15,
                new ModelRequest.Lora("kohya_lcm_style", 0.5, false),
                new ModelRequest.Lora("peft_style.safetensors", 1, false)));
        float[] scaled = shown(Rig.request(
                SmallModels.SD15,
                new ModelRequest.Lora("kohya_lcm_style", 0.5, true),
                new ModelRequest.Lora("peft_style.safetensors", 1, true)));
        assertTrue(distance(merged, scaled) < 1e-4, "merged and scaled differ by " + distance(merged, scaled));
        assertTrue(distance(merged, shown(none)) > 1e-3);
    }

    @Test
    void aLoraOfAnotherBaseIsRefusedWithTheNamesThatDoNotFit() {
        load(Rig.request(SmallModels.SD15)).close();
        for (boolean runtime : List.of(true, false)) {
            String message = refusal(
                    Rig.request(SmallModels.SD15, new ModelRequest.Lora("kohya_sgm_names.safetensors", 1, runtime)));
            assertTrue(message.contains("another base model") && message.contains("lora_unet_"), message);
        }
        String gone = refusal(Rig.request(SmallModels.SD15, new ModelRequest.Lora("nothing", 1, true)));
        assertTrue(gone.contains("there is no file nothing.safetensors"), gone);
        String outside = refusal(Rig.request(SmallModels.SD15, new ModelRequest.Lora("../../x.safetensors", 1, true)));
        assertTrue(outside.contains("there is no file"), outside);
        String pickle = refusal(Rig.request(SmallModels.SD15, new ModelRequest.Lora("x.ckpt", 1, true)));
        assertTrue(pickle.contains("pickle"), pickle);
    }

    @Test
    void sdxlGoesThroughWithBothItsTextEncoders() {
        try (Rig rig = Rig.of(models, request(SmallModels.SDXL, Acceleration.CHANNELS_LAST, false, false))) {
            List<float[]> shown = new ArrayList<>();
            for (String wish : List.of(
                    "'prompts':['a cat']", "'prompts':['a dog']", "'prompts':['a cat'],'negative_prompt':'fog'")) {
                try (StreamGeneration one = rig.open(
                        InputMode.VIDEO, "{'t_index_list':[10],'cfg_type':'full','guidance_scale':2," + wish + "}")) {
                    shown.add(rig.filmed(one, picture(1)));
                }
            }
            assertTrue(distance(shown.get(0), shown.get(1)) > 1e-4);
            assertTrue(distance(shown.get(0), shown.get(2)) > 1e-4);
        }
    }
}
