package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.LibWebRtcPeer;
import io.github.tachyscope.testkit.Mutations;
import io.github.tachyscope.testkit.StunSamples;
import io.github.tachyscope.testkit.TestChannel;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Twenty thousand damaged STUN messages on the shared port change nothing for those who use it. */
class StunFloodIT {
    private static final long SEED = 8489;

    /** A piece, so that the socket's buffer takes most of it; what it drops was a flood's own doing. */
    private static final int PIECE = 500;

    /** The library takes threads from a pool for messages; they end when they idle. */
    private static final int MOST_NEW_THREADS = 80;

    @Test
    void aFloodOfDamagedStunStopsNeitherARunningNorANewSession() throws Exception {
        try (EchoServer server = new EchoServer(EchoServer.settings(Duration.ofSeconds(30)));
                LibWebRtcPeer browser = new LibWebRtcPeer();
                LibWebRtcPeer latecomer = new LibWebRtcPeer();
                DatagramSocket attacker = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            TestChannel channel = browser.openChannel("parameters");
            EchoServer.Session session = server.accept(browser.offer());
            browser.answer(session.answer);
            channel.awaitOpen();
            Set<String> threads = threads();

            String user = attribute(session.answer, "a=ice-ufrag:") + ":attacker";
            List<byte[]> samples = StunSamples.all(user);
            Mutations mutations = new Mutations(SEED);
            for (int sent = 0; sent < 20_000; sent++) {
                byte[] bytes = mutations.damaged(samples);
                attacker.send(new DatagramPacket(
                        bytes,
                        bytes.length,
                        InetAddress.getLoopbackAddress(),
                        server.endpoint().port()));
                if (sent % PIECE == 0) {
                    echo(channel, "seed " + SEED + ", after " + sent);
                }
            }

            echo(channel, "afterwards");
            Set<String> more = threads();
            more.removeAll(threads);
            assertTrue(more.size() < MOST_NEW_THREADS, "new threads " + more);
            TestChannel late = latecomer.openChannel("parameters");
            EchoServer.Session newcomer = server.accept(latecomer.offer());
            latecomer.answer(newcomer.answer);
            late.awaitOpen();
            echo(late, "newcomer");
        }
    }

    private static void echo(TestChannel channel, String text) throws Exception {
        int before = channel.texts().size();
        channel.send(text);
        LibWebRtcPeer.await("echo of " + text, () -> channel.texts().size() > before);
        assertEquals(text, channel.texts().get(before));
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String attribute(String sdp, String name) {
        return sdp.lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow()
                .substring(name.length());
    }
}
