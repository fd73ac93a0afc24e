package io.github.tachyscope.diffusion;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the steps under way of one generation read: one job for each lane at the most, fixed when its step begins.
 *
 * @param <J> the jobs of a pipeline
 */
public final class LaneJobs<J> {
    private final Map<Lane, J> jobs = new EnumMap<>(Lane.class);

    public boolean busy(Lane lane) {
        return jobs.containsKey(lane);
    }

    public void begin(Lane lane, J job) {
        jobs.put(lane, job);
    }

    /** What the step under way on the lane reads. Called by the lane's thread. */
    public J of(Lane lane) {
        J job = jobs.get(lane);
        if (job == null) {
            throw new IllegalStateException("no step has begun on lane " + lane);
        }
        return job;
    }

    public Optional<J> find(Lane lane) {
        return Optional.ofNullable(jobs.get(lane));
    }

    public void end(Lane lane) {
        jobs.remove(lane);
    }

    public void clear() {
        jobs.clear();
    }

    /** The jobs of a batch, which are all of one kind. */
    public static <J, K extends J> List<K> cast(List<J> jobs, Class<K> kind) {
        return jobs.stream().map(kind::cast).toList();
    }
}
