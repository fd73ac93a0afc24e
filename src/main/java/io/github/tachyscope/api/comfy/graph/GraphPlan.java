package io.github.tachyscope.api.comfy.graph;

import java.util.List;

/**
 * What a graph asks for.
 *
 * @param samplings one for each sampler, in the order in which they run
 * @param passed pictures that are saved without any sampling; they come last
 * @param order ids of all nodes that take part, each behind all that it needs; first those of the first sampling
 */
public record GraphPlan(List<Sampling> samplings, List<PassedPicture> passed, List<String> order) {
    /** Most samplers and passed pictures of one graph; protects the queue from one job that is many. */
    public static final int MOST_SAMPLINGS = 16;

    /** Most outputs of one sampler or picture; protects memory, as each encodes for itself. */
    public static final int MOST_OUTPUTS = 64;

    public GraphPlan {
        samplings = List.copyOf(samplings);
        passed = List.copyOf(passed);
        order = List.copyOf(order);
    }
}
