package io.github.tachyscope.rtc.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DtlsClientTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final DtlsServer server = DtlsServer.create();
    private final DtlsClient client = new DtlsClient();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final CompletableFuture<DtlsEvent> serverEnd = new CompletableFuture<>();
    private final CompletableFuture<DtlsEvent> clientEnd = new CompletableFuture<>();

    @AfterEach
    void stop() {
        server.close();
        thread.shutdownNow();
    }

    private void shake(Fingerprint trustedServer) {
        CompletableFuture<DtlsHandshake> clientSide = new CompletableFuture<>();
        DtlsHandshake serverSide = server.begin(
                List.of(client.fingerprint()),
                TIMEOUT,
                datagram -> clientSide.join().receive(datagram),
                serverEnd::complete);
        clientSide.complete(
                client.begin(List.of(trustedServer), TIMEOUT, thread, serverSide::receive, clientEnd::complete));
    }

    private static DtlsEvent end(CompletableFuture<DtlsEvent> of) throws Exception {
        return of.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void bothEndsGetTheSameKeysTheOtherWayRound() throws Exception {
        shake(server.fingerprint());
        SrtpExport ours =
                assertInstanceOf(DtlsEvent.Established.class, end(clientEnd)).keys();
        SrtpExport theirs =
                assertInstanceOf(DtlsEvent.Established.class, end(serverEnd)).keys();
        assertEquals(SrtpExport.AEAD_AES_128_GCM, ours.profile());
        assertEquals(theirs.profile(), ours.profile());
        assertArrayEquals(theirs.remoteKey(), ours.localKey());
        assertArrayEquals(theirs.remoteSalt(), ours.localSalt());
        assertArrayEquals(theirs.localKey(), ours.remoteKey());
        assertArrayEquals(theirs.localSalt(), ours.remoteSalt());
    }

    @Test
    void aServerThatTheAnswerDoesNotNameIsRefused() throws Exception {
        shake(new DtlsClient().fingerprint());
        String reason = assertInstanceOf(DtlsEvent.Failed.class, end(clientEnd)).reason();
        assertTrue(reason.contains("not the one its answer names"), reason);
        assertInstanceOf(DtlsEvent.Failed.class, end(serverEnd));
    }
}
