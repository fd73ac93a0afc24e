package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.api.comfy.graph.Denoising;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.tiny.TinyProvider;
import io.github.tachyscope.frame.PictureSize;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandInTest {
    private final StandIn tiny = new StandIn(new TinyProvider().spec());

    @ParameterizedTest
    @CsvSource({
        "512, 512, 512, 512",
        "480, 320, 480, 320",
        "832, 480, 512, 288",
        "480, 832, 288, 512",
        "1024, 1024, 512, 512",
        "64, 64, 256, 256",
        "16, 4096, 256, 512",
        "300, 300, 288, 288"
    })
    void sizesAreTheNearestOfTheSameShape(int width, int height, int made, int high) {
        assertEquals(new PictureSize(made, high), tiny.size(new PictureSize(width, height)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20, 10_000})
    void takesAsManyStepsAsTheModelCan(int asked) {
        Denoising denoising = new Denoising(asked, 8, "euler", "normal", 1, 1.0, 0, asked, true, false);
        assertEquals(Math.min(7, asked), tiny.steps(denoising, InputMode.TEXT));
        assertEquals(Math.min(4, asked), tiny.steps(denoising, InputMode.VIDEO));
    }
}
