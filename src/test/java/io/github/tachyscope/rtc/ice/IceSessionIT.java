package io.github.tachyscope.rtc.ice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sdp.IceCandidate;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two ports on the loopback address whose sessions find each other. */
class IceSessionIT {
    private static IcePort ours;
    private static IcePort theirs;

    private record Side(IceSession session, BlockingQueue<IceEvent> events) {
        static Side on(IcePort port) throws Exception {
            return new Side(port.open(), new LinkedBlockingQueue<>());
        }

        void start(Side other, List<IceCandidate> candidates) {
            session.start(other.session.ufrag(), other.session.password(), candidates, events::add);
        }

        <T extends IceEvent> T await(Class<T> kind) throws Exception {
            long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
            while (true) {
                IceEvent event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                assertTrue(event != null, "no " + kind.getSimpleName());
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }
    }

    @BeforeAll
    static void bind() throws Exception {
        List<InetAddress> loopback = List.of(InetAddress.getByName("127.0.0.1"));
        ours = IcePort.bind(loopback, 0);
        theirs = IcePort.bind(loopback, 0);
    }

    @AfterAll
    static void close() {
        ours.close();
        theirs.close();
    }

    @Test
    void findsAPeerWhoseAddressItWasNotTold() throws Exception {
        Side a = Side.on(ours);
        Side b = Side.on(theirs);
        assertFalse(a.session().send(new byte[] {42}), "no way yet");
        a.start(b, List.of());
        b.start(a, List.of(candidate(ours)));

        a.await(IceEvent.Connected.class);
        b.await(IceEvent.Connected.class);
        assertTrue(a.session().send(new byte[] {42, 1}));
        assertArrayEquals(new byte[] {42, 1}, b.await(IceEvent.Datagram.class).bytes());
        assertTrue(b.session().send(new byte[] {42, 2}));
        assertArrayEquals(new byte[] {42, 2}, a.await(IceEvent.Datagram.class).bytes());
        a.await(IceEvent.Consented.class);

        a.session().close();
        b.session().close();
        assertFalse(a.session().send(new byte[] {42}));
    }

    @Test
    void takesCandidatesThatComeLater() throws Exception {
        Side a = Side.on(ours);
        Side b = Side.on(theirs);
        a.start(b, List.of());
        b.start(a, List.of());
        b.session().add(candidate(ours));
        a.session().add(candidate(theirs));

        a.await(IceEvent.Connected.class);

        a.session().close();
        b.session().close();
        a.session().add(candidate(theirs));
    }

    @Test
    void sessionsOnOnePortHaveDifferentNames() throws Exception {
        IceSession first = ours.open();
        IceSession second = ours.open();

        assertNotEquals(first.ufrag(), second.ufrag());
        assertTrue(first.ufrag().matches("[A-Za-z0-9+/]{4,256}"), first.ufrag());
        assertTrue(first.password().matches("[A-Za-z0-9+/]{22,256}"), first.password());
        first.close();
        second.close();
    }

    @Test
    void hundredSessionsLeaveNothingBehind() throws Exception {
        connectAndClose();
        assertEquals(0, ours.openSessions());
        int threads = Thread.activeCount();
        long descriptors = openFiles();

        for (int i = 0; i < 100; i++) {
            connectAndClose();
        }

        assertEquals(0, ours.openSessions());
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while ((openFiles() > descriptors + 5 || Thread.activeCount() > threads + 5) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertTrue(openFiles() <= descriptors + 5, openFiles() + " files, before " + descriptors);
        assertTrue(Thread.activeCount() <= threads + 5, Thread.activeCount() + " threads, before " + threads);
    }

    private static void connectAndClose() throws Exception {
        Side a = Side.on(ours);
        Side b = Side.on(theirs);
        a.start(b, List.of());
        b.start(a, List.of(candidate(ours)));
        assertInstanceOf(IceEvent.Connected.class, a.await(IceEvent.Connected.class));
        a.session().close();
        b.session().close();
    }

    private static long openFiles() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static IceCandidate candidate(IcePort port) {
        return new IceCandidate("1", 2130706431, port.addresses().get(0), IceCandidate.Type.HOST);
    }
}
