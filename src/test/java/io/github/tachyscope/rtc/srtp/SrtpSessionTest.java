package io.github.tachyscope.rtc.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.srtp.SrtpRejected.Reason;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SrtpSessionTest {
    private static final long SEED = 11;

    private static SrtpSession[] pair(SrtpProfile profile) {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[][] parts = new byte[4][];
        for (int i = 0; i < 4; i++) {
            parts[i] = new byte[i < 2 ? SrtpProfile.KEY_BYTES : profile.saltBytes()];
            random.nextBytes(parts[i]);
        }
        return new SrtpSession[] {
            new SrtpSession(new SrtpKeys(profile, parts[0], parts[2], parts[1], parts[3])),
            new SrtpSession(new SrtpKeys(profile, parts[1], parts[3], parts[0], parts[2]))
        };
    }

    private static byte[] rtp(SrtpSession session, int sequence) {
        byte[] packet = new byte[32 + session.rtpOverhead()];
        packet[0] = (byte) 0x80;
        packet[1] = 96;
        packet[2] = (byte) (sequence >>> 8);
        packet[3] = (byte) sequence;
        packet[11] = 1;
        packet[20] = 77;
        assertEquals(packet.length, session.protectRtp(packet, 32));
        return packet;
    }

    private static Reason rejection(SrtpSession session, byte[] packet) {
        return assertThrows(SrtpRejected.class, () -> session.unprotectRtp(packet.clone()))
                .reason();
    }

    @Test
    void understandsTheOtherSideAndNotItself() throws Exception {
        SrtpSession[] pair = pair(SrtpProfile.AEAD_AES_128_GCM);
        byte[] packet = rtp(pair[0], 5);
        assertEquals(Reason.AUTHENTICATION, rejection(pair[0], packet), "the keys of the two directions differ");
        assertEquals(32, pair[1].unprotectRtp(packet));
        assertEquals(77, packet[20]);
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void carriesPacketsAcrossTheRollOver(SrtpProfile profile) throws Exception {
        SrtpSession[] pair = pair(profile);
        for (int i = 65_000; i < 67_000; i++) {
            byte[] packet = rtp(pair[0], i & 0xFFFF);
            assertEquals(32, pair[1].unprotectRtp(packet), "packet " + i);
            assertEquals(77, packet[20]);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void rejectsReplaysAndChangesAndFragments(SrtpProfile profile) throws Exception {
        SrtpSession[] pair = pair(profile);
        byte[] first = rtp(pair[0], 1);
        for (int i = 0; i < first.length; i++) {
            byte[] changed = first.clone();
            changed[i] ^= 4;
            assertThrows(SrtpRejected.class, () -> pair[1].unprotectRtp(changed), "byte " + i);
        }
        for (int length = 0; length < first.length; length++) {
            byte[] cut = Arrays.copyOf(first, length);
            assertThrows(SrtpRejected.class, () -> pair[1].unprotectRtp(cut), "cut at " + length);
            assertThrows(SrtpRejected.class, () -> pair[1].unprotectRtcp(cut), "cut at " + length);
        }
        pair[1].unprotectRtp(first.clone());
        assertEquals(Reason.REPLAYED, rejection(pair[1], first));
        byte[] late = rtp(pair[0], 2);
        for (int i = 3; i < 1_000; i++) {
            pair[1].unprotectRtp(rtp(pair[0], i));
        }
        assertEquals(32, pair[1].unprotectRtp(late.clone()), "late but new");
        assertEquals(Reason.REPLAYED, rejection(pair[1], late));
        for (int i = 1_000; i < 2_000; i++) {
            pair[1].unprotectRtp(rtp(pair[0], i));
        }
        assertEquals(Reason.REPLAYED, rejection(pair[1], first), "older than the window");
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void carriesRtcpOnce(SrtpProfile profile) throws Exception {
        SrtpSession[] pair = pair(profile);
        byte[] plain = HexFormat.of().parseHex("80c9000100000009");
        byte[] packet = pair[0].protectRtcp(plain);
        byte[] received = packet.clone();
        assertEquals(plain.length, pair[1].unprotectRtcp(received));
        assertArrayEquals(plain, Arrays.copyOf(received, plain.length));
        assertEquals(
                Reason.REPLAYED,
                assertThrows(SrtpRejected.class, () -> pair[1].unprotectRtcp(packet))
                        .reason());
    }

    @Test
    void keepsNoContextForStrangers() {
        SrtpSession session = pair(SrtpProfile.AEAD_AES_128_GCM)[1];
        for (int i = 0; i < 200; i++) {
            byte[] packet = new byte[60];
            packet[0] = (byte) 0x80;
            packet[11] = (byte) i;
            assertEquals(Reason.AUTHENTICATION, rejection(session, packet));
        }
        assertEquals(0, session.sources());
    }

    @Test
    void warmsUpAndHidesItsKeys() {
        SrtpSession.warmUp();
        byte[] key = new byte[16];
        Arrays.fill(key, (byte) 0x5A);
        assertFalse(new SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, key, new byte[12], key, new byte[12])
                .toString()
                .contains("90"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SrtpKeys(SrtpProfile.AES128_CM_HMAC_SHA1_80, key, new byte[12], key, new byte[14]));
    }

    @Test
    void admitsEachSequenceNumberOnceInAnyOrder() {
        SplittableRandom random = new SplittableRandom(SEED);
        ReplayWindow window = new ReplayWindow();
        boolean[] seen = new boolean[200_000];
        int highest = -1;
        for (int i = 0; i < 150_000; i++) {
            int index = Math.max(0, i - random.nextInt(600));
            boolean fresh = !seen[index] && (highest < 0 || index > highest - ReplayWindow.SIZE);
            assertEquals(fresh, window.admit(index & 0xFFFF), "seed " + SEED + ", index " + index);
            seen[index] = true;
            highest = Math.max(highest, index);
        }
        assertTrue(highest > 65_536);
    }
}
