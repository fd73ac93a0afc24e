package io.github.tachyscope.diffusion.tiny.scene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingScenesTest {
    private static final int SEEDS = 40;

    /** Changes with every change of a drawing; a difference between two machines is a fault. */
    private static final long CHECKSUM = 4730564906455445465L;

    @Test
    void drawsTheSamePixelsOnEveryMachine() {
        long sum = 0;
        for (SceneFamily family : SceneFamily.values()) {
            for (long seed = 0; seed < 3; seed++) {
                sum = sum * 31 + fingerprint(TrainingScenes.scene(family, seed).picture());
            }
        }
        assertEquals(CHECKSUM, sum);
    }

    @ParameterizedTest
    @EnumSource(SceneFamily.class)
    void drawsCleanAndVariedPicturesOfEveryFamily(SceneFamily family) {
        Set<Long> pictures = new HashSet<>();
        Set<String> contents = new HashSet<>();
        int flat = 0;
        double brightness = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scene scene = TrainingScenes.scene(family, seed);
            Picture picture = scene.picture();
            assertEquals(TrainingScenes.SIZE, picture.width());
            assertEquals(TrainingScenes.SIZE, picture.height());
            assertTrue(allWithin(picture), family + " seed " + seed);
            assertTrue(scene.content().matches("[a-z][a-z0-9 ,]+"), family + " seed " + seed + ": " + scene.content());
            contents.add(scene.content());
            pictures.add(fingerprint(picture));
            flat += deviation(picture) < 0.03 ? 1 : 0;
            brightness += mean(picture);
        }
        assertEquals(SEEDS, pictures.size(), family + ": two seeds drew the same picture");
        assertTrue(contents.size() > 1, family + " has one caption only");
        assertTrue(flat <= SEEDS / 10, family + ": " + flat + " pictures show next to nothing");
        assertTrue(brightness / SEEDS > 0.2 && brightness / SEEDS < 0.7, family + ": mean " + brightness / SEEDS);
    }

    @Test
    void repeatsASceneFromItsSeed() {
        for (long seed = 7; seed < 12; seed++) {
            Scene first = TrainingScenes.scene(seed);
            Scene second = TrainingScenes.scene(seed);
            assertEquals(first.content(), second.content());
            assertEquals(fingerprint(first.picture()), fingerprint(second.picture()), "seed " + seed);
            assertNotEquals(
                    fingerprint(first.picture()),
                    fingerprint(TrainingScenes.scene(seed + 1).picture()),
                    "seed " + seed);
        }
    }

    @Test
    void mixesFamiliesByTheirShares() {
        int draws = 20_000;
        Map<SceneFamily, Integer> counts = new EnumMap<>(SceneFamily.class);
        for (long seed = 0; seed < draws; seed++) {
            counts.merge(TrainingScenes.family(seed), 1, Integer::sum);
        }
        double total = 0;
        for (SceneFamily family : SceneFamily.values()) {
            double drawn = counts.getOrDefault(family, 0) / (double) draws;
            assertEquals(family.share(), drawn, 0.012, family::name);
            total += family.share();
        }
        assertEquals(1, total, 1e-9);
    }

    @Test
    void refusesPicturesOutsideTheirRange() {
        assertThrows(IllegalArgumentException.class, () -> new Picture(2, 2, new float[11]));
        assertThrows(IllegalArgumentException.class, () -> new Picture(1, 1, new float[] {0, 0.5f, 1.01f}));
        assertThrows(IllegalArgumentException.class, () -> new Picture(1, 1, new float[] {0, Float.NaN, 1}));
    }

    private static boolean allWithin(Picture picture) {
        for (float value : picture.rgb()) {
            if (!(value >= 0 && value <= 1)) {
                return false;
            }
        }
        return true;
    }

    static long fingerprint(Picture picture) {
        long hash = 0;
        for (float value : picture.rgb()) {
            hash = hash * 31 + Float.floatToIntBits(value);
        }
        return hash;
    }

    static double mean(Picture picture) {
        double sum = 0;
        for (float value : picture.rgb()) {
            sum += value;
        }
        return sum / picture.rgb().length;
    }

    static double deviation(Picture picture) {
        double mean = mean(picture);
        double square = 0;
        for (float value : picture.rgb()) {
            square += (value - mean) * (value - mean);
        }
        return Math.sqrt(square / picture.rgb().length);
    }
}
