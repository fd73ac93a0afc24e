package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.model.Seeds;
import io.github.tachyscope.diffusion.sd.sampling.ConsistencySchedule;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.sampling.StreamSteps;
import java.util.List;

/**
 * What the constants of a stream are made from: steps and seeds.
 *
 * @param schedule steps of the whole schedule
 * @param indices of the steps that are taken
 * @param sampler a stream knows LCM only
 */
record Plan(int schedule, List<Integer> indices, Seeds seeds, Sampler sampler) {
    Plan {
        indices = List.copyOf(indices);
    }

    int count() {
        return indices.size();
    }

    /** How much of the way from noise to a picture is taken. */
    double strength() {
        return (double) (schedule - indices.get(0)) / schedule;
    }

    StreamSteps steps(NoiseTable table) {
        return StreamSteps.of(
                ConsistencySchedule.of(table, schedule, Schema.MOST_STEPS, 1),
                indices.stream().mapToInt(Integer::intValue).toArray());
    }
}
