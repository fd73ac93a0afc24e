package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The weights that come with the server, as files for as long as it takes to read them. */
final class BundledWeights {
    private static final String PLACE = "/models/tiny/";

    private static final List<String> FILES = List.of(
            "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "text_encoder/config.json",
            "text_encoder/model.safetensors",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt");

    private BundledWeights() {}

    /** Whether this build has them. */
    static boolean present() {
        return FILES.stream().allMatch(file -> BundledWeights.class.getResource(PLACE + file) != null);
    }

    /** @param reader must not need the folder any more when it returns */
    static <M> M load(Function<Path, M> reader) {
        if (!present()) {
            throw new PipelineLoadFailed("this build comes without the weights of tiny; name a folder with weights in"
                    + " tachyscope.pipelines.tiny.weights");
        }
        try {
            Path folder = Files.createTempDirectory("tachyscope-tiny-");
            try {
                for (String file : FILES) {
                    unpack(file, folder.resolve(file));
                }
                return reader.apply(folder);
            } finally {
                remove(folder);
            }
        } catch (IOException full) {
            throw new PipelineLoadFailed("the weights of tiny could not be unpacked: " + full.getMessage(), full);
        }
    }

    private static void unpack(String file, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        try (InputStream packed = BundledWeights.class.getResourceAsStream(PLACE + file)) {
            if (packed == null) {
                throw new IOException(file + " is gone");
            }
            Files.copy(packed, target);
        }
    }

    private static void remove(Path folder) throws IOException {
        for (String file : FILES) {
            Files.deleteIfExists(folder.resolve(file));
        }
        for (String sub : List.of("vae", "unet", "text_encoder", "tokenizer", "")) {
            Files.deleteIfExists(folder.resolve(sub));
        }
    }
}
