package io.github.tachyscope.diffusion.sd.sampling;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The denoising steps of a stream, each a fixed timestep, and their constants.
 *
 * @param timesteps training timesteps, falling
 * @param signal factor of the clean latent at each
 * @param noise factor of the noise at each
 * @param skip share of the noisy latent in each result
 * @param out share of the clean prediction in each result
 * @param prediction what the network's output means
 */
public record StreamSteps(
        int[] timesteps, float[] signal, float[] noise, float[] skip, float[] out, Prediction prediction) {

    /**
     * The steps at some indices of a schedule.
     *
     * @param indices rising, each below the schedule's number of timesteps
     */
    public static StreamSteps of(ConsistencySchedule schedule, int... indices) {
        int[] all = schedule.timesteps();
        if (indices.length == 0) {
            throw new IllegalArgumentException("a stream needs one step at least");
        }
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= all.length || (i > 0 && indices[i] <= indices[i - 1])) {
                throw new IllegalArgumentException(
                        "t_index_list " + Arrays.toString(indices) + "; it must rise within 0 to " + (all.length - 1));
            }
        }
        int[] timesteps = Arrays.stream(indices).map(index -> all[index]).toArray();
        return new StreamSteps(
                timesteps,
                floats(timesteps, schedule.table()::signal),
                floats(timesteps, schedule.table()::noise),
                floats(timesteps, t -> (float) schedule.skip(t)),
                floats(timesteps, t -> (float) schedule.out(t)),
                schedule.table().prediction());
    }

    private interface FloatOfInt {
        float at(int timestep);
    }

    private static float[] floats(int[] timesteps, FloatOfInt function) {
        float[] values = new float[timesteps.length];
        IntStream.range(0, values.length).forEach(i -> values[i] = function.at(timesteps[i]));
        return values;
    }

    public int count() {
        return timesteps.length;
    }
}
