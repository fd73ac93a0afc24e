package io.github.tachyscope.diffusion.sd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import org.junit.jupiter.api.Test;

/** The forms of published denoisers; their sizes are told by what they need of prompts. */
class SdFormTest {
    private static UNetConfig form(SdForm form) {
        return UNetConfig.read(form.denoiser());
    }

    @Test
    void everyFormIsOneThatTheDenoiserTakes() {
        for (SdForm each : SdForm.values()) {
            assertEquals(each.promptWidth, form(each).crossWidth(), each.name());
            assertEquals(each.pooledWidth > 0, form(each).addedTime().isPresent(), each.name());
            assertEquals(each.hasFloor(), each.pooledWidth == 0, each.name());
        }
        assertEquals(1280 + 6 * 256, form(SdForm.SDXL).addedTime().orElseThrow().inputWidth());
    }
}
