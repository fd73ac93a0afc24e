package io.github.tachyscope.diffusion;

import java.util.List;
import java.util.stream.IntStream;

/** A way to make the chunks of a generation cheaper than its parameters ask for, while the device is short of time. */
public enum Economy {
    FEWER_STEPS(Capability.FEWER_STEPS),
    SMALLER_PICTURES(Capability.SMALLER_PICTURES);

    private final Capability capability;

    Economy(Capability capability) {
        this.capability = capability;
    }

    /** Every second element, the first among them: what {@link #FEWER_STEPS} leaves of a list of steps. */
    public static <T> List<T> thinned(List<T> steps) {
        return IntStream.range(0, (steps.size() + 1) / 2)
                .mapToObj(i -> steps.get(2 * i))
                .toList();
    }

    /** What a pipeline that can do this declares. */
    public Capability capability() {
        return capability;
    }
}
