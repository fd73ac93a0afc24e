package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Plugins;
import io.github.tachyscope.testkit.RunningApi;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    @Test
    void anEntryHasEveryKeyThatClientsRead() {
        Catalogue catalogue = new Catalogue(
                List.of(RunningApi.spec("synthetic")),
                Plugins.NONE,
                spec -> Json.object().put("type", "object"));
        JsonNode entry = catalogue.schemas().path("pipelines").path("synthetic");
        for (String key : List.of(
                "id",
                "name",
                "description",
                "version",
                "docs_url",
                "estimated_vram_gb",
                "requires_models",
                "supported_modes",
                "default_mode",
                "supports_prompts",
                "supports_lora",
                "supports_vace",
                "supports_cache_management",
                "supports_kv_cache_bias",
                "supports_quantization",
                "supports_fewer_steps",
                "supports_smaller_pictures",
                "supports_run_sizes",
                "supports_previews",
                "default_temporal_interpolation_method",
                "default_temporal_interpolation_steps",
                "default_spatial_interpolation_method",
                "min_dimension",
                "recommended_quantization_vram_threshold",
                "modified",
                "produces_video",
                "produces_audio",
                "usage",
                "inputs",
                "outputs",
                "config_schema",
                "mode_defaults",
                "plugin_name")) {
            assertTrue(entry.has(key), key);
        }
        assertEquals("[\"video\"]", entry.path("supported_modes").toString());
        assertTrue(entry.path("supports_prompts").asBoolean());
        assertEquals(
                "[750,250]",
                entry.path("mode_defaults")
                        .path("video")
                        .path("denoising_steps")
                        .toString());
        assertEquals(
                1, entry.path("mode_defaults").path("video").path("input_size").asInt());
        assertEquals(
                12,
                entry.path("mode_defaults").path("video").path("chunk_frames").asInt());
    }

    @Test
    void aBrokenSchemaLeavesTheIdentity() {
        Catalogue catalogue = new Catalogue(List.of(RunningApi.spec("synthetic")), Plugins.NONE, spec -> {
            throw new IllegalStateException("broken");
        });
        JsonNode entry = catalogue.schemas().path("pipelines").path("synthetic");
        assertEquals("synthetic", entry.path("id").asText());
        assertTrue(entry.has("schema_error"));
    }
}
