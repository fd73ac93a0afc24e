package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.store.LoraStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelNamesTest {
    @TempDir
    private Path directory;

    private Path models;

    @BeforeEach
    void makeModels() throws IOException {
        models = directory.resolve("models");
        model("stabilityai/sd-turbo");
        model("alone");
        model("owner--joined");
        Files.createDirectories(models.resolve("stabilityai/not-a-model"));
        Files.createDirectories(models.resolve("lora/sub"));
        Files.writeString(models.resolve("lora/sub/ink.safetensors"), "x");
        Files.writeString(models.resolve("lora/pickle.pt"), "x");
        model("../outside");
    }

    private void model(String name) throws IOException {
        Path unet = Files.createDirectories(models.resolve(name).resolve("unet"));
        Files.writeString(unet.resolve("config.json"), "{}");
    }

    private ModelNames names(boolean standIn) {
        return new ModelNames(
                models,
                Map.of("mine.safetensors", "owner/joined", "gone.safetensors", "nobody/nothing"),
                new LoraStore(models.resolve("lora"), Optional.empty()),
                standIn);
    }

    @Test
    void whatIsListedIsThere() {
        assertEquals(
                List.of("alone", "mine.safetensors", "owner--joined", "sd_turbo.safetensors", "stabilityai/sd-turbo"),
                names(false).checkpoints());
        assertEquals(List.of(), names(false).unets());
        assertEquals(List.of("sub/ink.safetensors"), names(false).loras());
    }

    @Test
    void withAStandInTheUsualNamesAreListedToo() {
        assertTrue(names(true).checkpoints().contains("v1-5-pruned-emaonly.safetensors"));
        assertTrue(names(true).unets().contains("wan2.1_t2v_1.3B_bf16.safetensors"));
        assertFalse(names(true).clips().isEmpty() || names(true).vaes().isEmpty());
    }

    @Test
    void namesStandForModelsAndNeverForFoldersElsewhere() {
        assertEquals(Optional.of("stabilityai/sd-turbo"), names(true).model("sd_turbo.safetensors"));
        assertEquals(Optional.of("owner/joined"), names(true).model("mine.safetensors"));
        assertEquals(Optional.of("elsewhere/alone"), names(true).model("elsewhere/alone"));
        for (String name : List.of(
                "v1-5-pruned-emaonly.safetensors", "gone.safetensors", "../outside", "", ".", "/", "a\0b", "lora")) {
            assertEquals(Optional.empty(), names(true).model(name), name);
        }
    }
}
