package io.github.tachyscope.rtc.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import io.github.tachyscope.testkit.Mutations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DtlsHandshakeTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static DtlsServer server;

    /** Both ends joined by a wire that may lose the datagrams that {@code loses} names. */
    private static final class Pair {
        final CompletableFuture<DtlsEvent> end = new CompletableFuture<>();
        final DtlsTestClient client;
        private DtlsHandshake handshake;
        Predicate<byte[]> losesToServer = datagram -> false;
        Predicate<byte[]> losesToClient = datagram -> false;

        Pair() {
            client = new DtlsTestClient(datagram -> {
                if (!losesToServer.test(datagram)) {
                    handshake.receive(datagram);
                }
            });
        }

        Pair run(Fingerprint trusted, Duration timeout) {
            handshake = server.begin(
                    List.of(trusted),
                    timeout,
                    datagram -> {
                        if (!losesToClient.test(datagram)) {
                            client.receive(datagram);
                        }
                    },
                    end::complete);
            return this;
        }

        DtlsEvent end() throws Exception {
            return end.get(10, TimeUnit.SECONDS);
        }
    }

    @BeforeAll
    static void create() {
        server = DtlsServer.create();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @Test
    void bothSidesGetTheSameKeysAndPreferGcm() throws Exception {
        Pair pair = new Pair();
        pair.run(pair.client.fingerprint(), TIMEOUT);

        DtlsTestClient.Connected client = pair.client.connect().get(10, TimeUnit.SECONDS);
        DtlsEvent.Established established = assertInstanceOf(DtlsEvent.Established.class, pair.end());

        SrtpExport keys = established.keys();
        assertEquals(SrtpExport.AEAD_AES_128_GCM, keys.profile());
        assertEquals(server.fingerprint(), client.server());
        byte[] exported = client.exported();
        assertEquals(56, exported.length);
        assertArrayEquals(Arrays.copyOfRange(exported, 0, 16), keys.remoteKey());
        assertArrayEquals(Arrays.copyOfRange(exported, 16, 32), keys.localKey());
        assertArrayEquals(Arrays.copyOfRange(exported, 32, 44), keys.remoteSalt());
        assertArrayEquals(Arrays.copyOfRange(exported, 44, 56), keys.localSalt());
    }

    @Test
    void takesCounterModeAndChaCha20FromThoseWhoHaveNoGcm() throws Exception {
        Pair pair = new Pair();
        pair.client.profiles(List.of(2, SrtpExport.AES128_CM_SHA1_80)).chaCha20();
        pair.run(pair.client.fingerprint(), TIMEOUT);

        pair.client.connect().get(10, TimeUnit.SECONDS);
        SrtpExport keys =
                assertInstanceOf(DtlsEvent.Established.class, pair.end()).keys();

        assertEquals(SrtpExport.AES128_CM_SHA1_80, keys.profile());
        assertEquals(14, keys.localSalt().length);
    }

    @Test
    void carriesMessagesBothWaysAndSaysGoodbye() throws Exception {
        Pair pair = new Pair();
        pair.run(pair.client.fingerprint(), TIMEOUT);
        DtlsChannel client = pair.client.connect().get(10, TimeUnit.SECONDS).channel();
        DtlsChannel ours =
                assertInstanceOf(DtlsEvent.Established.class, pair.end()).channel();

        client.send(new byte[] {1, 2, 3});
        client.send(new byte[1180]);
        List<byte[]> sent = client.drainDatagrams();
        assertEquals(2, sent.size());
        assertArrayEquals(new byte[] {1, 2, 3}, ours.receive(sent.get(0)).get(0));
        assertTrue(ours.receive(sent.get(0)).isEmpty(), "a repeated datagram");
        byte[] forged = sent.get(1).clone();
        forged[forged.length - 1] ^= 1;
        assertTrue(ours.receive(forged).isEmpty(), "a forged datagram");
        assertEquals(1180, ours.receive(sent.get(1)).get(0).length);

        ours.send(new byte[] {9});
        assertArrayEquals(
                new byte[] {9}, client.receive(ours.drainDatagrams().get(0)).get(0));

        client.close();
        client.drainDatagrams().forEach(ours::receive);
        assertTrue(ours.isClosed());
        ours.send(new byte[] {1});
        assertTrue(ours.receive(new byte[] {22}).isEmpty());
    }

    @Test
    void survivesLossOfEveryFlightOnce() throws Exception {
        Pair pair = new Pair();
        AtomicInteger toServer = new AtomicInteger();
        AtomicInteger toClient = new AtomicInteger();
        pair.losesToServer = datagram -> toServer.getAndIncrement() % 2 == 0;
        pair.losesToClient = datagram -> toClient.getAndIncrement() % 3 == 0;
        pair.run(pair.client.fingerprint(), Duration.ofSeconds(20));

        CompletableFuture<DtlsTestClient.Connected> connected = pair.client.connect();

        assertInstanceOf(DtlsEvent.Established.class, pair.end());
        assertFalse(connected.isCompletedExceptionally());
    }

    @Test
    void repeatsTheLastFlightForAClientThatMissedIt() throws Exception {
        Pair pair = new Pair();
        pair.run(pair.client.fingerprint(), TIMEOUT);
        // The last flight of the server is ChangeCipherSpec (20) and Finished; the first try gets lost.
        AtomicInteger last = new AtomicInteger();
        pair.losesToClient = datagram -> datagram[0] == 20 || last.get() > 0 && last.getAndIncrement() < 2;
        CompletableFuture<DtlsTestClient.Connected> connected = pair.client.connect();
        DtlsChannel ours =
                assertInstanceOf(DtlsEvent.Established.class, pair.end()).channel();
        pair.losesToClient = datagram -> false;

        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!connected.isDone() && System.nanoTime() < deadline) {
            ours.receive();
            ours.drainDatagrams().forEach(pair.client::receive);
            Thread.onSpinWait();
        }

        assertTrue(connected.isDone() && !connected.isCompletedExceptionally());
    }

    @Test
    void refusesACertificateThatTheOfferDoesNotName() throws Exception {
        Pair pair = new Pair();
        pair.run(new Fingerprint(new byte[32]), TIMEOUT);

        CompletableFuture<DtlsTestClient.Connected> client = pair.client.connect();

        assertFailed(pair, "certificate");
        assertThrows(ExecutionException.class, () -> client.get(10, TimeUnit.SECONDS));
    }

    @Test
    void refusesAClientWithoutCertificate() throws Exception {
        Pair pair = new Pair();
        pair.client.withoutCertificate();
        pair.run(pair.client.fingerprint(), TIMEOUT);
        pair.client.connect();

        assertFailed(pair, "");
    }

    @Test
    void refusesAClientWithoutSrtp() throws Exception {
        for (List<Integer> offered : List.of(List.<Integer>of(), List.of(2, 8))) {
            Pair pair = new Pair();
            pair.client.profiles(offered);
            pair.run(pair.client.fingerprint(), TIMEOUT);
            pair.client.connect();

            assertFailed(pair, "SRTP");
        }
    }

    @Test
    void refusesAClientWithoutExtendedMasterSecret() throws Exception {
        Pair pair = new Pair();
        pair.client.withoutExtendedMasterSecret();
        pair.run(pair.client.fingerprint(), TIMEOUT);
        pair.client.connect();

        assertFailed(pair, "");
    }

    @Test
    void refusesOldDtls() throws Exception {
        Pair pair = new Pair();
        pair.client.dtls10();
        pair.run(pair.client.fingerprint(), TIMEOUT);
        pair.client.connect();

        assertFailed(pair, "");
    }

    @Test
    void givesUpOnASilentClient() throws Exception {
        Pair pair = new Pair().run(new Fingerprint(new byte[32]), Duration.ofMillis(50));

        assertInstanceOf(DtlsEvent.Failed.class, pair.end());
    }

    @Test
    void closingFreesTheThreadAndTellsNothing() throws Exception {
        DtlsServer own = DtlsServer.create();
        try {
            CompletableFuture<DtlsEvent> end = new CompletableFuture<>();
            List<DtlsHandshake> waiting = new ArrayList<>();
            for (int i = 0; i < DtlsServer.MAX_HANDSHAKES; i++) {
                waiting.add(own.begin(
                        List.of(new Fingerprint(new byte[32])), Duration.ofMinutes(1), out -> {}, end::complete));
            }
            CompletableFuture<DtlsEvent> next = new CompletableFuture<>();
            own.begin(List.of(new Fingerprint(new byte[32])), Duration.ofMillis(1), out -> {}, next::complete);
            assertFalse(next.isDone(), "all threads are taken");

            waiting.forEach(DtlsHandshake::close);

            assertInstanceOf(DtlsEvent.Failed.class, next.get(10, TimeUnit.SECONDS));
            assertFalse(end.isDone());
        } finally {
            own.close();
        }
    }

    @Test
    void damagedHandshakesEndInOneEvent() throws Exception {
        long seed = 6347;
        Mutations mutations = new Mutations(seed);
        for (int i = 0; i < 20; i++) {
            Pair pair = new Pair();
            AtomicInteger number = new AtomicInteger();
            int damaged = i;
            pair.losesToServer = datagram -> {
                if (number.getAndIncrement() == damaged % 4) {
                    byte[] broken = mutations.damaged(List.of(datagram));
                    System.arraycopy(broken, 0, datagram, 0, Math.min(broken.length, datagram.length));
                }
                return false;
            };
            pair.run(pair.client.fingerprint(), Duration.ofMillis(600));
            pair.client.connect();
            pair.end();
            pair.client.close();
        }
    }

    private static void assertFailed(Pair pair, String because) throws Exception {
        DtlsEvent.Failed failed = assertInstanceOf(DtlsEvent.Failed.class, pair.end());
        assertTrue(failed.reason().contains(because), failed.reason());
    }
}
