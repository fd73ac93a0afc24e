package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PipelineCatalogTest {
    private static PipelineSettings settings(Map<String, String> aliases) {
        return new PipelineSettings(
                List.of(),
                aliases,
                Duration.ofMinutes(1),
                new PipelineSettings.Synthetic(2, Duration.ofMillis(1)),
                Optional.empty(),
                Optional.empty(),
                Path.of("models"),
                List.of());
    }

    @Test
    void findsThePipelinesInTheTreeAndTheirAliases() {
        PipelineCatalog catalog = PipelineCatalog.discover(settings(Map.of("longlive", "synthetic")));
        assertEquals(Plugins.NONE, catalog.plugins());
        assertTrue(catalog.provider("passthrough").isPresent());
        PipelineSpec alias = catalog.spec("longlive").orElseThrow();
        assertEquals("longlive", alias.id());
        assertEquals(List.of(1000, 500), alias.modes().get(InputMode.TEXT).denoisingSteps());
        try (Pipeline loaded =
                catalog.provider("longlive").orElseThrow().load(Parameters.none(), Placement.CPU, stage -> {})) {
            assertEquals("longlive", loaded.spec().id());
        }
    }

    @Test
    void refusesAnAliasOfAnUnknownPipeline() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> PipelineCatalog.discover(settings(Map.of("x", "nowhere"))));
        assertTrue(refused.getMessage().contains("x = nowhere"), refused.getMessage());
    }

    @Test
    void aBrokenProviderIsListedAndStopsNobody() {
        PipelineProvider broken = new PipelineProvider() {
            @Override
            public PipelineSpec spec() {
                throw new IllegalStateException("no native library");
            }

            @Override
            public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
                throw new IllegalStateException();
            }
        };
        PipelineCatalog catalog = PipelineCatalog.of(List.of(broken, new SyntheticProvider()), settings(Map.of()));
        assertEquals(1, catalog.specs().size());
        Plugins.Failure failure = catalog.plugins().failed().get(0);
        assertEquals(Plugins.Reason.BROKEN_PROVIDER, failure.reason());
        assertEquals(broken.getClass().getName(), failure.provider());
        assertFalse(failure.message().contains("native"), failure.message());
    }
}
