package io.github.tachyscope.store;

import java.util.List;

/**
 * A part of a list.
 *
 * @param more whether jobs follow
 */
public record JobPage(List<Job> jobs, boolean more) {
    public JobPage {
        jobs = List.copyOf(jobs);
    }
}
