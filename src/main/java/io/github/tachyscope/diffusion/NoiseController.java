package io.github.tachyscope.diffusion;

/** Derives the noise scale of video mode from the motion of the input: much motion, little noise. */
public final class NoiseController {
    private NoiseController() {}

    /**
     * @param motion greatest RMS difference between neighbouring frames, in units of the range -1 to 1
     * @param previous noise scale of the chunk before
     */
    public static double scale(double motion, double previous) {
        double amount = Math.max(0, Math.min(1, motion / 0.2));
        return 0.9 * (0.8 - 0.2 * amount) + 0.1 * previous;
    }

    /** The first timestep that belongs to a noise scale, 1 to 1000. */
    public static int firstStep(double noiseScale) {
        return Math.max(1, (int) (1000 * noiseScale) - 100);
    }
}
