package io.github.tachyscope.diffusion.tiny.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeldOutScenesTest {
    /** The pictures are the yardstick of all models: when they change, old numbers lose their meaning. */
    private static final long CHECKSUM = -1298586121092802848L;

    private static final List<Scene> SCENES = HeldOutScenes.unseenFamilies();

    @Test
    void neverChanges() {
        long sum = 0;
        for (Scene scene : SCENES) {
            sum = sum * 31 + TrainingScenesTest.fingerprint(scene.picture());
        }
        assertEquals(CHECKSUM, sum);
    }

    @Test
    void rendersPicturesWithContrastAndDetail() {
        assertTrue(SCENES.size() >= 8, "only " + SCENES.size());
        assertEquals(
                SCENES.size(),
                SCENES.stream()
                        .map(scene -> TrainingScenesTest.fingerprint(scene.picture()))
                        .distinct()
                        .count());
        for (int i = 0; i < SCENES.size(); i++) {
            Picture picture = SCENES.get(i).picture();
            String which = i + ": " + SCENES.get(i).content();
            assertEquals(TrainingScenes.SIZE, picture.width(), which);
            double mean = TrainingScenesTest.mean(picture);
            assertTrue(mean > 0.15 && mean < 0.8, which + " has mean " + mean);
            double deviation = TrainingScenesTest.deviation(picture);
            assertTrue(deviation > 0.08, which + " has deviation " + deviation);
        }
    }
}
