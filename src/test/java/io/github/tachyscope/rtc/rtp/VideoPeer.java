package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import io.github.tachyscope.testkit.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** A {@link MediaSession} in the emulated network, with a camera at 30 frames per second if it sends. */
final class VideoPeer implements Endpoint {
    static final String MID = "0";
    static final long FRAME_MICROS = 33_333;

    final MediaSession session;
    final List<EncodedFrame> received = new ArrayList<>();
    final List<Long> receivedAt = new ArrayList<>();
    final List<Integer> targets = new ArrayList<>();
    final SyntheticVideo camera;
    int keyFramesWanted;
    int frameBytes = 6_000;
    int keyFrameBytes = 20_000;
    long nextFrameMicros = Long.MAX_VALUE;
    private boolean keyNext = true;

    VideoPeer(MediaConfig config, long seed) {
        session = new MediaSession(config);
        camera = new SyntheticVideo(config.lines().get(0).codec(), seed);
    }

    static MediaConfig config(VideoLineConfig line, long seed) {
        return new MediaConfig(List.of(line), "cname", 2_000_000, 200_000, 6_000_000, true, seed);
    }

    static VideoLineConfig sender(VideoCodec codec, boolean rtx) {
        return line(codec, rtx, false, true, 1001, 1002);
    }

    static VideoLineConfig receiver(VideoCodec codec, boolean rtx) {
        return line(codec, rtx, true, false, 2001, 2002);
    }

    private static VideoLineConfig line(
            VideoCodec codec, boolean rtx, boolean receives, boolean sends, long ssrc, long rtxSsrc) {
        return new VideoLineConfig(
                MID,
                receives,
                sends,
                codec,
                96,
                rtx ? OptionalInt.of(97) : OptionalInt.empty(),
                OptionalInt.of(3),
                OptionalInt.of(5),
                OptionalInt.of(4),
                OptionalInt.of(2),
                true,
                true,
                true,
                true,
                false,
                ssrc,
                rtxSsrc,
                List.of());
    }

    /** The keys of both sides. */
    static SrtpKeys[] keys(SrtpProfile profile, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] parts = new byte[4][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new byte[i < 2 ? SrtpProfile.KEY_BYTES : profile.saltBytes()];
            random.nextBytes(parts[i]);
        }
        return new SrtpKeys[] {
            new SrtpKeys(profile, parts[0], parts[2], parts[1], parts[3]),
            new SrtpKeys(profile, parts[1], parts[3], parts[0], parts[2])
        };
    }

    @Override
    public void receive(byte[] datagram, long nowMicros) {
        session.receive(datagram, nowMicros);
        events(nowMicros);
    }

    @Override
    public void tick(long nowMicros) {
        if (nextFrameMicros <= nowMicros) {
            nextFrameMicros += FRAME_MICROS;
            session.sendVideo(MID, camera.next(keyNext, keyNext ? keyFrameBytes : frameBytes, nowMicros), nowMicros);
            keyNext = false;
        }
        session.tick(nowMicros);
        events(nowMicros);
    }

    @Override
    public OptionalLong nextDeadlineMicros() {
        long next = Math.min(nextFrameMicros, session.nextDeadlineMicros().orElse(Long.MAX_VALUE));
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    @Override
    public List<byte[]> drain() {
        return session.drainDatagrams();
    }

    MediaStats.Line line() {
        return session.stats().lines().get(0);
    }

    /** Longest time without a frame. */
    long longestFreezeMicros(long untilMicros) {
        long longest = 0;
        for (int i = 0; i < receivedAt.size(); i++) {
            long next = i + 1 < receivedAt.size() ? receivedAt.get(i + 1) : untilMicros;
            longest = Math.max(longest, next - receivedAt.get(i));
        }
        return longest;
    }

    /** Empty if every frame continues its predecessor or is a key frame. */
    List<Integer> brokenReferences() {
        List<Integer> broken = new ArrayList<>();
        for (int i = 0; i < received.size(); i++) {
            int expected = i == 0 ? -1 : SyntheticVideo.number(received.get(i - 1)) + 1;
            if (!received.get(i).keyFrame() && SyntheticVideo.number(received.get(i)) != expected) {
                broken.add(i);
            }
        }
        return broken;
    }

    private void events(long nowMicros) {
        for (MediaEvent event : session.drainEvents()) {
            if (event instanceof MediaEvent.FrameReceived frame) {
                received.add(frame.frame());
                receivedAt.add(nowMicros);
            } else if (event instanceof MediaEvent.KeyFrameWanted) {
                keyNext = true;
                keyFramesWanted++;
            } else if (event instanceof MediaEvent.TargetBitrate target) {
                targets.add(target.bitsPerSecond());
                frameBytes = Math.min(6_000, target.bitsPerSecond() / 8 / 30);
            }
        }
    }
}
