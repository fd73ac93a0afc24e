package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The server may allocate 4 MB per second and stream; the media engine has to leave most of it to others. */
class AllocationTest {
    private static final int FRAMES_PER_SECOND = 30;
    private static final int FRAME_BYTES = 8_333;

    @Test
    void staysBelowItsShareOfTheBudget() {
        // Otherwise the library's AES benchmark on its first packet would be counted.
        SrtpSession.warmUp();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        MediaSession sender = new MediaSession(VideoPeer.config(VideoPeer.sender(VideoCodec.VP8, true), 1));
        MediaSession receiver = new MediaSession(VideoPeer.config(VideoPeer.receiver(VideoCodec.VP8, true), 2));
        SrtpKeys[] keys = VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, 1);
        sender.keys(keys[0], 0);
        receiver.keys(keys[1], 0);
        SyntheticVideo camera = new SyntheticVideo(VideoCodec.VP8, 1);
        long sending = 0;
        long receiving = 0;
        int frames = 0;
        int seconds = 10;
        // Until the compiler has seen it, the same code allocates what it need not; for how long, depends on the
        // machine.
        int warmUp = 10 * FRAMES_PER_SECOND;
        for (int i = 0; i < warmUp + seconds * FRAMES_PER_SECOND; i++) {
            long now = 1_000_000L + i * 33_333L;
            EncodedFrame frame = camera.next(i == 0, FRAME_BYTES, now);
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            sender.sendVideo("0", frame, now);
            var datagrams = sender.drainDatagrams();
            long between =
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (byte[] datagram : datagrams) {
                receiver.receive(datagram, now);
            }
            frames += receiver.drainEvents().size();
            var feedback = receiver.drainDatagrams();
            long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            feedback.forEach(datagram -> sender.receive(datagram, now));
            sender.drainEvents();
            sending += i < warmUp ? 0 : between - before;
            receiving += i < warmUp ? 0 : after - between;
        }
        assertEquals(warmUp + seconds * FRAMES_PER_SECOND, frames);
        String measured = "sending " + sending / seconds / 1000 + " kB/s, receiving " + receiving / seconds / 1000
                + " kB/s at 2 Mb/s each";
        assertTrue(sending / seconds < 1_200_000 && receiving / seconds < 800_000, measured);
    }
}
