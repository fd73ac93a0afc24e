package io.github.tachyscope.rtc.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sdp.IceCandidate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The port and its sessions by themselves; that they connect is proved with a real peer, a package above. */
class IceSessionIT {
    private static final List<InetAddress> LOOPBACK = List.of(InetAddress.getLoopbackAddress());
    private static IcePort port;

    @BeforeAll
    static void bind() throws Exception {
        port = IcePort.bind(LOOPBACK, 0);
    }

    @AfterAll
    static void close() {
        port.close();
    }

    @Test
    void sessionsHaveDifferentNamesOfTheRightForm() throws Exception {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            IceSession session = port.open();
            assertTrue(names.add(session.ufrag()), session.ufrag());
            assertTrue(session.ufrag().matches("[A-Za-z0-9+/]{4,256}"), session.ufrag());
            assertTrue(session.password().matches("[A-Za-z0-9+/]{22,256}"), session.password());
            session.close();
        }
    }

    @Test
    void nothingIsSentBeforeThereIsAWayOrAfterTheEnd() throws Exception {
        IceSession session = port.open();
        assertFalse(session.send(new byte[] {42}));
        session.start("ufrag", "passwordOfTwentyTwoChars", List.of(), event -> {});
        assertFalse(session.send(new byte[] {42}));
        IceCandidate late = new IceCandidate(
                "1", 1, new InetSocketAddress(InetAddress.getLoopbackAddress(), 9), IceCandidate.Type.HOST);
        session.add(late);

        session.close();
        session.close();

        assertFalse(session.send(new byte[] {42}));
        session.add(late);
    }

    @Test
    void countsOpenSessions() throws Exception {
        int before = port.openSessions();
        IceSession session = port.open();
        assertEquals(before + 1, port.openSessions());
        session.close();
        assertEquals(before, port.openSessions());
    }

    @Test
    void aTakenPortIsAnError() {
        assertThrows(
                IOException.class, () -> IcePort.bind(LOOPBACK, port.port()).close());
    }
}
