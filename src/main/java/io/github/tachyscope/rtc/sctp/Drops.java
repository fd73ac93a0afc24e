package io.github.tachyscope.rtc.sctp;

import java.util.EnumMap;
import java.util.Map;

/** Counts what is dropped; shared by the parts of one association. */
final class Drops {
    private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);

    void count(DropReason reason) {
        counts.merge(reason, 1L, Long::sum);
    }

    Map<DropReason, Long> counts() {
        return counts;
    }
}
