package io.github.tachyscope.diffusion.tiny.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CanvasTest {
    private static final int SIZE = 64;

    private static double covered(Canvas canvas) {
        double sum = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            sum += canvas.pixels()[i];
        }
        return sum;
    }

    @Test
    void coversAsManyPixelsAsAShapeIsLarge() {
        Canvas canvas = new Canvas(SIZE, SIZE);
        canvas.fill(Shape.circle(30.3f, 31.7f, 20.5f), Rgb.WHITE);
        assertEquals(Math.PI * 20.5 * 20.5, covered(canvas), 4);
    }

    @Test
    void coversPolygonsExactlyWhateverTheirPlaceTurnAndHand() {
        for (float turn = 0; turn < 6; turn += 0.37f) {
            Canvas canvas = new Canvas(SIZE, SIZE);
            Canvas placed = canvas.placed(31.2f, 32.9f, 10, turn).flipped();
            placed.fill(Outline.of(-1.5f, -1, 1.5f, -1, 1.5f, 1, -1.5f, 1), Rgb.WHITE);
            assertEquals(600, covered(canvas), 4, "turn " + turn);
        }
    }

    @Test
    void clipsWhatLeavesThePicture() {
        Canvas canvas = new Canvas(SIZE, SIZE);
        canvas.fill(Outline.of(-500, -500, 32, -500, 32, 500, -500, 500), Rgb.WHITE);
        assertEquals(32 * SIZE, covered(canvas), 0.01);
        canvas.fill(Outline.of(900, 900, 950, 900, 950, 950), Rgb.WHITE);
        canvas.fill(Shape.circle(-300, -300, 20), Rgb.WHITE);
        canvas.glow(2000, 2000, 50, Rgb.WHITE, 1);
        canvas.fill(Shape.rectangle(32, -90, 300, 900), Rgb.WHITE);
        assertEquals(SIZE * SIZE, covered(canvas), 0.01);
    }

    @Test
    void mirrorsAnOutlineThatWasDrawnByHalves() {
        Outline outline = Outline.from(0, -1).to(1, 0).to(0, 1).mirrored();
        assertEquals(new Box(-1, -1, 1, 1), outline.box());
    }

    @Test
    void flippedCanvasShowsTheMirrorImage() {
        Canvas left = new Canvas(SIZE, SIZE);
        left.placed(32, 32, 1, 0).flipped().placed(12, 3, 5, 0.4f).fill(Outline.of(0, 0, 2, 0, 0, 3), Rgb.WHITE);
        Canvas right = new Canvas(SIZE, SIZE);
        right.placed(32, 32, 1, 0).placed(12, 3, 5, 0.4f).fill(Outline.of(0, 0, 2, 0, 0, 3), Rgb.WHITE);
        assertTrue(covered(right) > 50);
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                assertEquals(right.pixels()[y * SIZE + x], left.pixels()[y * SIZE + SIZE - 1 - x], 1e-3, x + " " + y);
            }
        }
    }

    @Test
    void strokesOfAllCharactersLieOnTheGrid() {
        for (char character : StrokeFont.characters().toCharArray()) {
            List<String> strokes = StrokeFont.strokes(character);
            assertTrue(!strokes.isEmpty(), () -> character + " is missing");
            for (String stroke : strokes) {
                assertTrue(stroke.matches("([0-4][0-6]){2,}"), character + ": " + stroke);
            }
        }
    }

    @Test
    void namesColours() {
        assertEquals("a red", new Rgb(0.9f, 0.1f, 0.1f).article());
        assertEquals("an orange", new Rgb(0.95f, 0.5f, 0.05f).article());
        assertEquals("blue", Rgb.hsv(0.62f, 0.9f, 0.8f).word());
        assertEquals("green", Rgb.hsv(0.33f, 0.9f, 0.8f).word());
        assertEquals("yellow", Rgb.hsv(0.16f, 0.9f, 0.9f).word());
        assertEquals("white", Rgb.grey(0.95f).word());
        assertEquals("black", Rgb.grey(0.05f).word());
    }
}
