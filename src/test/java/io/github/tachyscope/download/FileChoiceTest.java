package io.github.tachyscope.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.HubFile;
import io.github.tachyscope.store.StoreRefused;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FileChoiceTest {
    private static List<String> choose(List<String> names, String... patterns) {
        List<HubFile> files = names.stream()
                .map(name -> new HubFile(name, 1, Optional.empty()))
                .toList();
        return FileChoice.of("a/b", files, List.of(patterns)).stream()
                .map(HubFile::path)
                .toList();
    }

    @Test
    void ofAWholePipelineTheUsedPartsIn16Bits() {
        List<String> wanted = List.of(
                "model_index.json",
                "tokenizer/merges.txt",
                "unet/config.json",
                "unet/diffusion_pytorch_model.fp16.safetensors",
                "vae/diffusion_pytorch_model.safetensors");
        List<String> unwanted = List.of(
                "README.md",
                "v1-5-pruned.ckpt",
                "v1-5-pruned.safetensors",
                "safety_checker/model.safetensors",
                "unet/diffusion_pytorch_model.safetensors",
                "unet/diffusion_pytorch_model.non_ema.safetensors",
                "unet/diffusion_pytorch_model.fp16.bin");
        assertEquals(
                wanted,
                choose(Stream.concat(wanted.stream(), unwanted.stream())
                        .sorted()
                        .toList()));
    }

    @Test
    void ofAnythingElseAllThatCanBeUsed() {
        assertEquals(List.of("config.json", "x.safetensors"), choose(List.of("config.json", "x.bin", "x.safetensors")));
    }

    @Test
    void eachPatternMustMatchAndAStarStopsAtASlash() {
        List<String> names = List.of("a/config.json", "a/b/config.json", "x.safetensors");
        assertEquals(List.of("a/config.json"), choose(names, "a/*"));
        assertThrows(FetchFailed.class, () -> choose(names, "a/*", "gone/*"));
        assertThrows(StoreRefused.class, () -> choose(names, "x.bin"));
        assertThrows(FetchFailed.class, () -> choose(List.of("config.json", "x.bin")));
    }
}
