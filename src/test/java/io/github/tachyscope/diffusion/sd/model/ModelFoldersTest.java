package io.github.tachyscope.diffusion.sd.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.testkit.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where models lie, and in which precision their autoencoders run. */
class ModelFoldersTest {
    @TempDir
    Path folder;

    @Test
    void aModelMayLieUnderItsNameAlone() throws IOException {
        Files.createDirectories(folder.resolve("small/sd15"));
        Files.createDirectories(folder.resolve("madebyollin/taesd"));
        ModelPlaces places = new ModelPlaces(folder.resolve("small"), List.of());
        for (String name :
                List.of("sd15", "runwayml/sd15", folder.resolve("small/sd15").toString())) {
            assertEquals(folder.resolve("small/sd15"), places.model(name), name);
        }
        assertThrows(
                PipelineLoadFailed.class,
                () -> places.model(folder.resolve("madebyollin").toString()));
    }

    @Test
    void anAutoencoderThatOverflowsInHalfIsNeverHalf() {
        SmallModels models = SmallModels.in(folder);
        ModelPlaces places = new ModelPlaces(folder, List.of());
        for (String flag : List.of("true", "false")) {
            String config = SmallModels.SDXL + "/vae/config.json";
            models.write(
                    config, models.read(config).replaceAll("\"force_upcast\": *\\w+", "\"force_upcast\": " + flag));
            // Nothing is computed, so that a processor without kernels for halves can load it, too.
            Placement half = new Placement("cpu", Precision.FP16);
            ModelRequest request = new ModelRequest(
                    SmallModels.SDXL, Acceleration.CHANNELS_LAST, false, ModelRequest.FULL, false, List.of());
            SdModel model = ModelLoader.load(places, request, half, stage -> {});
            Codec.Full codec = (Codec.Full) model.codec();
            assertEquals(Precision.FP32, model.placement().precision(), "processors are slow in fp16");
            assertEquals(Precision.FP32, codec.placement().precision());
            assertEquals(flag.equals("true"), codec.network().config().overflowsInHalf());
            model.close();
        }
        assertEquals(
                Precision.FP32,
                CodecLoader.wide(new Placement("cuda:0", Precision.FP16), true).precision());
        assertEquals(
                Precision.FP16,
                CodecLoader.wide(new Placement("cuda:0", Precision.FP16), false).precision());
        assertEquals(
                Precision.BF16,
                CodecLoader.wide(new Placement("cuda:0", Precision.BF16), true).precision());
    }
}
