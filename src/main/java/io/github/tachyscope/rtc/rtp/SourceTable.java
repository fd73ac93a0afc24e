package io.github.tachyscope.rtc.rtp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which line a received packet belongs to: by its source if known, else by the mid extension, else by payload type.
 * Sources are learned from authentic packets only.
 */
final class SourceTable {
    /** Most sources; protects memory. Packets of further ones are looked up anew each time. */
    static final int MAX_SOURCES = 64;

    private final List<VideoLineConfig> lines = new ArrayList<>();
    private final Map<Long, VideoLineConfig> bySource = new HashMap<>();

    SourceTable(List<VideoLineConfig> all) {
        for (VideoLineConfig line : all) {
            if (line.receives()) {
                lines.add(line);
                line.remoteSsrcs().stream().limit(MAX_SOURCES).forEach(ssrc -> bySource.put(ssrc, line));
            }
        }
    }

    Optional<VideoLineConfig> line(RtpPacket packet) {
        VideoLineConfig known = bySource.get(packet.ssrc());
        if (known != null) {
            return Optional.of(known);
        }
        Optional<VideoLineConfig> found = byMid(packet).or(() -> byPayloadType(packet));
        if (bySource.size() < MAX_SOURCES) {
            found.ifPresent(line -> bySource.put(packet.ssrc(), line));
        }
        return found;
    }

    void forget(long ssrc) {
        VideoLineConfig line = bySource.get(ssrc);
        if (line != null && !line.remoteSsrcs().contains(ssrc)) {
            bySource.remove(ssrc);
        }
    }

    int size() {
        return bySource.size();
    }

    private Optional<VideoLineConfig> byMid(RtpPacket packet) {
        for (VideoLineConfig line : lines) {
            if (line.midId().isPresent()
                    && packet.extensionText(line.midId().getAsInt())
                            .filter(line.mid()::equals)
                            .isPresent()) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }

    private Optional<VideoLineConfig> byPayloadType(RtpPacket packet) {
        for (VideoLineConfig line : lines) {
            int rtx = line.rtxPayloadType().orElse(-1);
            if (packet.payloadType() == line.payloadType() || packet.payloadType() == rtx) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }
}
