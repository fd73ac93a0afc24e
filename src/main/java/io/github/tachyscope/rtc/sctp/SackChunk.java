package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Acknowledges data (RFC 9260 section 3.3.4).
 *
 * <pre>
 *   cumulative TSN (32) | receive window (32) | gap count (16) | duplicate count (16)
 *   { gap start (16) | gap end (16) } ... offsets from the cumulative TSN, both inclusive
 *   { duplicate TSN (32) } ...
 * </pre>
 */
record SackChunk(int cumulativeTsn, long receiveWindow, List<Gap> gaps, List<Integer> duplicates) implements Chunk {
    static final int TYPE = 3;

    record Gap(int start, int end) {}

    static SackChunk read(ByteReader in) {
        int cumulativeTsn = in.i32();
        long receiveWindow = in.u32();
        int gapCount = in.u16();
        int duplicateCount = in.u16();
        ByteReader gapBytes = in.slice(gapCount * 4);
        List<Gap> gaps = new ArrayList<>(gapCount);
        for (int i = 0; i < gapCount; i++) {
            gaps.add(new Gap(gapBytes.u16(), gapBytes.u16()));
        }
        ByteReader duplicateBytes = in.slice(duplicateCount * 4);
        List<Integer> duplicates = new ArrayList<>(duplicateCount);
        for (int i = 0; i < duplicateCount; i++) {
            duplicates.add(duplicateBytes.i32());
        }
        return new SackChunk(cumulativeTsn, receiveWindow, List.copyOf(gaps), List.copyOf(duplicates));
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeValue(ByteWriter out) {
        out.u32(cumulativeTsn).u32(receiveWindow).u16(gaps.size()).u16(duplicates.size());
        gaps.forEach(gap -> out.u16(gap.start()).u16(gap.end()));
        duplicates.forEach(out::u32);
    }
}
