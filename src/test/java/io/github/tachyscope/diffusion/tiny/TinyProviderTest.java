package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyProviderTest {
    @Test
    void aFolderWithoutWeightsIsRefusedInWords(@TempDir Path empty) {
        PipelineProvider provider = new TinyProvider()
                .configured(new PipelineSettings(
                        List.of(),
                        Map.of(),
                        Duration.ofMinutes(1),
                        new PipelineSettings.Synthetic(1, Duration.ZERO),
                        Optional.of(empty),
                        Optional.empty(),
                        empty,
                        List.of()));
        PipelineProvider.PipelineLoadFailed refused = assertThrows(
                PipelineProvider.PipelineLoadFailed.class,
                () -> provider.load(Parameters.none(), Placement.CPU, stage -> {}));
        assertTrue(refused.getMessage().startsWith("the weights of tiny cannot be used: "), refused.getMessage());
    }

    @Test
    void promptsThatWorkAreOfferedAsExamples() {
        List<String> examples = new ArrayList<>();
        new TinyProvider()
                .spec()
                .parameters()
                .toJsonSchema()
                .at("/properties/prompts/items/properties/text/examples")
                .forEach(example -> examples.add(example.asText()));
        assertEquals(25, examples.size(), examples::toString);
        assertTrue(examples.containsAll(List.of("watercolor painting", "neon", "stained glass")), examples::toString);
    }

    @Test
    void sizesAreRoundedToWhatTheModelTakes() {
        Parameters accepted = new TinyProvider()
                .spec()
                .parameters()
                .checkLoad(Rig.json("{'width':500,'height':300}"))
                .accepted();
        assertEquals(480, accepted.value("width").orElseThrow().asInt());
        assertEquals(288, accepted.value("height").orElseThrow().asInt());
    }
}
