package io.github.tachyscope.diffusion.sd.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.Fixtures;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OriginalNamesTest {
    private final OriginalNames names = new OriginalNames(2);

    @Test
    void everyModuleOfTheReferenceFileHasItsOriginalName() {
        JsonNode map = Fixtures.json(Fixtures.folder("lora_sdxl").resolve("name_map.json"));
        assertTrue(map.size() > 20);
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String module = entry.getValue().asText();
            assertTrue(
                    names.of(module).contains(entry.getKey().substring("lora_unet_".length())),
                    entry.getKey() + " is not among " + names.of(module) + " for " + module);
        }
    }

    @Test
    void samplersFollowTheLastLayerOfTheirBlock() {
        assertEquals(List.of("input_blocks_3_0_op"), names.of("down_blocks.0.downsamplers.0.conv"));
        assertTrue(names.of("up_blocks.0.upsamplers.0.conv").contains("output_blocks_2_2_conv"));
        assertEquals(List.of("middle_block_2_in_layers_2"), names.of("mid_block.resnets.1.conv1"));
        assertEquals(List.of(), names.of("class_embedding.linear_1"));
    }
}
