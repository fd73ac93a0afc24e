package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts packets in order and hands out whole pictures, in decoding order and without gaps.
 *
 * <pre>
 *   waiting for a key frame --key frame complete--> flowing --packet given up, bad picture--> waiting
 *   flowing: the next picture is complete as soon as all up to its marker are there
 * </pre>
 *
 * <p>A complete key frame behind a gap is taken at once: decoding may begin with it.
 */
final class FrameBuffer {
    /** Packets held; also the largest picture, about 2.3 MB. An older packet makes room for a newer one. */
    static final int CAPACITY = 2048;

    private static final long NONE = -1;

    /** A picture and the RTP timestamp of its packets. */
    record Timed(Depacketizer.Picture picture, long timestamp) {}

    private final Depacketizer depacketizer;
    private final @Nullable RtpPacket[] ring = new RtpPacket[CAPACITY];
    private final long[] sequences = new long[CAPACITY];
    private final List<RtpPacket> parts = new ArrayList<>();
    private boolean waiting = true;
    private long next;
    private long highest = NONE;
    private long keyStart = NONE;

    FrameBuffer(Depacketizer depacketizer) {
        this.depacketizer = depacketizer;
    }

    /** False for a packet that is already here, or too late. */
    boolean insert(long sequence, RtpPacket packet) {
        if (sequence < next || sequence <= highest - CAPACITY || at(sequence) != null) {
            return false;
        }
        highest = Math.max(highest, sequence);
        if (!waiting && highest - next >= CAPACITY) {
            waiting = true;
        }
        int slot = (int) (sequence % CAPACITY);
        ring[slot] = packet;
        sequences[slot] = sequence;
        if (depacketizer.startsKeyFrame(packet)) {
            RtpPacket start = keyStart == NONE ? null : at(keyStart);
            boolean samePicture = start != null && start.timestamp() == packet.timestamp();
            if (start == null || (samePicture ? sequence < keyStart : sequence > keyStart)) {
                keyStart = sequence;
            }
        }
        return true;
    }

    /** The next picture, if it is complete. */
    Optional<Timed> poll() {
        if (!waiting) {
            for (RtpPacket packet = at(next); packet != null && packet.payloadLength() == 0; packet = at(next)) {
                clear(next++);
            }
            long end = end(next);
            if (end != NONE) {
                return take(next, end);
            }
        }
        if (keyStart != NONE && keyStart >= next) {
            long end = end(keyStart);
            if (end != NONE) {
                return take(keyStart, end);
            }
        }
        return Optional.empty();
    }

    /** The packet will never come. */
    void lost(long sequence) {
        if (sequence >= next) {
            waiting = true;
            if (keyStart != NONE && sequence > keyStart) {
                keyStart = NONE;
            }
        }
    }

    /** Everything so far is hopeless. */
    void abandon() {
        waiting = true;
        keyStart = NONE;
        next = highest + 1;
    }

    /** Whether only a key frame helps and none is under way. */
    boolean needsKeyFrame() {
        return waiting && keyStart == NONE;
    }

    /** Packets below this are of no more use. */
    long floor() {
        return waiting && keyStart != NONE ? keyStart : next;
    }

    private Optional<Timed> take(long start, long end) {
        parts.clear();
        for (long i = start; i <= end; i++) {
            RtpPacket packet = at(i);
            if (packet != null) {
                parts.add(packet);
            }
        }
        long timestamp = parts.get(0).timestamp();
        // Also what lies between a gap and the key frame behind it.
        for (long i = Math.max(next, end - CAPACITY + 1); i <= end; i++) {
            clear(i);
        }
        next = end + 1;
        if (keyStart < next) {
            keyStart = NONE;
        }
        try {
            Depacketizer.Picture picture = depacketizer.picture(parts);
            waiting = waiting && !picture.keyFrame();
            return waiting ? Optional.empty() : Optional.of(new Timed(picture, timestamp));
        } catch (MalformedPacket e) {
            waiting = true;
            return Optional.empty();
        } finally {
            parts.clear();
        }
    }

    /** Sequence of the last packet of the picture that starts here, or NONE while a packet is missing. */
    private long end(long start) {
        RtpPacket first = at(start);
        if (first == null) {
            return NONE;
        }
        for (long i = start; i - start < CAPACITY; i++) {
            RtpPacket packet = at(i);
            if (packet == null) {
                return NONE;
            }
            if (packet.payloadLength() > 0 && packet.timestamp() != first.timestamp()) {
                return i - 1;
            }
            if (packet.marker()) {
                return i;
            }
        }
        return NONE;
    }

    private @Nullable RtpPacket at(long sequence) {
        int slot = (int) (sequence % CAPACITY);
        return sequences[slot] == sequence ? ring[slot] : null;
    }

    private void clear(long sequence) {
        int slot = (int) (sequence % CAPACITY);
        if (sequences[slot] == sequence) {
            ring[slot] = null;
        }
    }
}
