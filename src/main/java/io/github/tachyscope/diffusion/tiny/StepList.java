package io.github.tachyscope.diffusion.tiny;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which noise levels (sigma, 0 to 1) the denoising steps of a frame have. */
final class StepList {
    /** The full way from noise to a picture: what a text-made video begins with. */
    static final List<Integer> FROM_NOISE = Arrays.stream(NoiseSchedule.text(NoiseSchedule.textSteps()))
            .mapToObj(sigma -> (int) Math.round(1000 * sigma))
            .toList();

    /**
     * Where each further frame of a text-made video begins: enough noise for things to change their shape, little enough
     * for them to stay where they are.
     */
    private static final double WALKING = 0.45;

    /** Steps of each further frame at most; more are sharper, fewer are faster. */
    private static final int WALKING_STEPS = 2;

    private StepList() {}

    /** Of a camera frame: the first step has the user's strength, the others keep their ratio to it. */
    static List<Double> video(double noiseScale, List<Integer> timesteps) {
        double first = timesteps.get(0);
        return timesteps.stream()
                .map(step -> NoiseSchedule.sigma(noiseScale * step / first))
                .toList();
    }

    /** Of the first frame that is made from text. */
    static List<Double> fromNoise(List<Integer> timesteps) {
        return timesteps.stream().map(step -> step / 1000.0).toList();
    }

    /** Of each further frame that is made from text: the last part of the list, thinned out. */
    static List<Double> walking(List<Integer> timesteps) {
        List<Double> tail =
                fromNoise(timesteps).stream().filter(sigma -> sigma <= WALKING).toList();
        if (tail.isEmpty()) {
            return List.of(WALKING);
        }
        int count = Math.min(WALKING_STEPS, tail.size());
        return IntStream.range(0, count)
                .mapToObj(i -> tail.get(i * tail.size() / count))
                .toList();
    }
}
