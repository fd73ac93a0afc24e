package io.github.tachyscope.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A models directory with complete folders of small networks, put together from the fixtures. */
public final class SmallModels {
    public static final String SD15 = "small/sd15";
    public static final String SDXL = "small/sdxl";

    /** Where the LCM LoRAs of both families are looked for. */
    public static final String LCM_SD15 = "latent-consistency/lcm-lora-sdv1-5";

    public static final String LCM_SDXL = "latent-consistency/lcm-lora-sdxl";

    private static final String SCHEDULER = """
            {"_class_name": "PNDMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "prediction_type": "epsilon"}""";

    private final Path root;

    private SmallModels(Path root) {
        this.root = root;
    }

    public static SmallModels in(Path root) {
        SmallModels models = new SmallModels(root);
        models.sd15();
        models.sdxl();
        for (String tiny : List.of("madebyollin/taesd", "madebyollin/taesdxl")) {
            models.copy("taesd", tiny);
        }
        for (String file : List.of("kohya_lcm_style", "peft_style", "kohya_mixed_alpha")) {
            models.file(Fixtures.folder("lora_sd15").resolve(file + ".safetensors"), "lora/" + file + ".safetensors");
        }
        models.file(
                Fixtures.folder("lora_sdxl").resolve("kohya_sgm_names.safetensors"),
                "lora/kohya_sgm_names.safetensors");
        return models;
    }

    /** Adds the LCM LoRAs, which models that are not distilled are loaded with. */
    public SmallModels withLcm() {
        String name = "/pytorch_lora_weights.safetensors";
        file(Fixtures.folder("lora_sd15").resolve("kohya_lcm_style.safetensors"), LCM_SD15 + name);
        file(Fixtures.folder("lora_sdxl").resolve("kohya_sgm_names.safetensors"), LCM_SDXL + name);
        return this;
    }

    public Path root() {
        return root;
    }

    public Path folder(String model) {
        return root.resolve(model);
    }

    private void sd15() {
        copy("unet_sd15", SD15 + "/unet");
        copy("clip_text", SD15 + "/text_encoder");
        copy("vae_kl", SD15 + "/vae");
        remove(SD15 + "/vae/diffusion_pytorch_model.old_attention_names.safetensors");
        tokenizer(SD15 + "/tokenizer");
        write(SD15 + "/scheduler/scheduler_config.json", SCHEDULER);
    }

    private void sdxl() {
        copy("unet_sdxl", SDXL + "/unet");
        copy("clip_text", SDXL + "/text_encoder");
        copy("clip_text_with_projection", SDXL + "/text_encoder_2");
        copy("vae_kl", SDXL + "/vae");
        remove(SDXL + "/vae/diffusion_pytorch_model.old_attention_names.safetensors");
        tokenizer(SDXL + "/tokenizer");
        tokenizer(SDXL + "/tokenizer_2");
        write(SDXL + "/tokenizer_2/special_tokens_map.json", "{\"pad_token\": \"!\"}");
        write(SDXL + "/scheduler/scheduler_config.json", SCHEDULER);
        write(SDXL + "/model_index.json", "{\"force_zeros_for_empty_prompt\": true}");
    }

    private void tokenizer(String to) {
        copy("tokenizer_tiny", to);
    }

    /** All of a fixture's files but the recorded numbers. */
    private void copy(String fixture, String to) {
        try (Stream<Path> files = Files.list(Fixtures.folder(fixture))) {
            files.filter(file -> !file.getFileName().toString().matches("io\\.safetensors|cases\\.json"))
                    .forEach(file -> file(file, to + "/" + file.getFileName()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public void file(Path from, String to) {
        try {
            Path target = root.resolve(to);
            Files.createDirectories(target.getParent());
            Files.copy(from, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    public void write(String to, String text) {
        try {
            Path target = root.resolve(to);
            Files.createDirectories(target.getParent());
            Files.writeString(target, text);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    public String read(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    public void remove(String file) {
        try {
            Files.delete(root.resolve(file));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
