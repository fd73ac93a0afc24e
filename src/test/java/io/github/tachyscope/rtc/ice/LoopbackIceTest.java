package io.github.tachyscope.rtc.ice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoopbackIceTest {
    private static final InetSocketAddress SENDER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5000);

    /** Address and transaction of RFC 5769 section 2.2. */
    @Test
    void anAddressIsMaskedAsInTheSampleOfTheRfc() throws Exception {
        byte[] transaction = HexFormat.of().parseHex("b7e7a701bc34d686fa87dfae");
        InetSocketAddress mapped = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 32853);
        byte[] message = new StunMessage(StunMessage.SUCCESS, transaction)
                .mapped(mapped)
                .sealed("VOkJxbRl1RmTxUk/WvJxBt".getBytes(StandardCharsets.US_ASCII));
        assertEquals("002000080001a147e112a643", HexFormat.of().formatHex(message, 20, 32));
    }

    @Test
    void checksAgainUntilOneIsAnswered() {
        LoopbackIce ice = new LoopbackIce(1);
        ice.remote("remote", "passwordOfTwentyTwoChars");
        byte[] check = ice.tick(1000).orElseThrow();
        assertTrue(LoopbackIce.isStun(check));
        assertEquals(Optional.empty(), ice.tick(1001));
        assertEquals(21_000, ice.nextDeadlineMicros());
        assertTrue(ice.tick(21_000).isPresent());
        assertFalse(ice.isConnected());

        byte[] answer = new StunMessage(StunMessage.SUCCESS, Arrays.copyOfRange(check, 8, 20))
                .mapped(SENDER)
                .sealed(new byte[22]);
        assertEquals(Optional.empty(), ice.receive(answer, SENDER));
        assertTrue(ice.isConnected());
        assertEquals(Optional.empty(), ice.tick(41_000));
    }

    @Test
    void answersTheChecksOfTheOtherEndInTheirTransaction() {
        LoopbackIce one = new LoopbackIce(1);
        LoopbackIce other = new LoopbackIce(2);
        other.remote(one.ufrag(), one.password());
        byte[] check = other.tick(0).orElseThrow();
        byte[] answer = one.receive(check, SENDER).orElseThrow();
        assertEquals(StunMessage.SUCCESS, ByteBuffer.wrap(answer).getShort());
        assertArrayEquals(Arrays.copyOfRange(check, 8, 20), Arrays.copyOfRange(answer, 8, 20));
        other.receive(answer, SENDER);
        assertTrue(other.isConnected());
    }
}
