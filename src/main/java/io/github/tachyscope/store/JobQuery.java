package io.github.tachyscope.store;

import java.util.Optional;
import java.util.Set;

/**
 * Which jobs a list shows.
 *
 * @param face only jobs of that face
 * @param states only jobs in one of them; none means all
 * @param after id of the last job seen
 * @param limit 0 to {@link #MAX_LIMIT}
 */
public record JobQuery(
        Optional<String> face, Set<JobState> states, boolean newestFirst, Optional<String> after, int limit) {
    /** Most jobs on one page; protects memory and answer size. Further ones are on the next page. */
    public static final int MAX_LIMIT = 1000;

    public JobQuery {
        states = Set.copyOf(states);
        if (limit < 0 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be from 0 to " + MAX_LIMIT);
        }
    }

    /** The first page of all jobs. */
    public static JobQuery newest(int limit) {
        return new JobQuery(Optional.empty(), Set.of(), true, Optional.empty(), limit);
    }

    public JobQuery ofFace(String wanted) {
        return new JobQuery(Optional.of(wanted), states, newestFirst, after, limit);
    }

    public JobQuery in(JobState... wanted) {
        return new JobQuery(face, Set.of(wanted), newestFirst, after, limit);
    }

    public JobQuery oldestFirst() {
        return new JobQuery(face, states, false, after, limit);
    }

    public JobQuery after(String id) {
        return new JobQuery(face, states, newestFirst, Optional.of(id), limit);
    }
}
