package io.github.tachyscope.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.Secret;
import io.github.tachyscope.fetch.FetchFailed.Kind;
import io.github.tachyscope.testkit.StandInHub;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that misbehaves. */
@Timeout(60)
class FetchTest {
    private static final String FILE = "a/b/resolve/main/x.bin";
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @TempDir
    private Path directory;

    private StandInHub hub;
    private Path part;
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private final List<Long> progress = new CopyOnWriteArrayList<>();

    @BeforeEach
    void serve() {
        hub = StandInHub.serve(directory.resolve("hub")).put("a/b", "x.bin", CONTENT);
        part = directory.resolve("parts/x.part");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Fetch fetch(int attempts, Duration stall) {
        Patience patience = new Patience(
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                stall,
                attempts,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10));
        return new Fetch(HostPolicy.of(List.of(), List.of(hub.address())), patience, pauses::add);
    }

    private Fetch fetch() {
        return fetch(4, Duration.ofSeconds(20));
    }

    private FileFetch wanted(Optional<Checksum> checksum) {
        return new FileFetch(
                hub.address().resolve("/" + FILE),
                part,
                OptionalLong.of(CONTENT.length),
                checksum,
                1 << 20,
                Optional.empty());
    }

    private FileFetch.Fetched get(Fetch fetch) {
        return fetch.toFile(wanted(Checksum.sha256(StandInHub.sha256(CONTENT))), progress::add);
    }

    private void complete(FileFetch.Fetched fetched) throws Exception {
        assertEquals(CONTENT.length, fetched.bytes());
        assertEquals(StandInHub.sha256(CONTENT), fetched.sha256());
        assertArrayEquals(CONTENT, Files.readAllBytes(part));
        assertFalse(Files.exists(part.resolveSibling("x.part.etag")));
    }

    private FetchFailed failed(Kind kind, Fetch fetch) {
        FetchFailed failure = assertThrows(FetchFailed.class, () -> get(fetch));
        assertEquals(kind, failure.kind(), failure.getMessage());
        return failure;
    }

    @Test
    void fetchesAFileAndTellsHowFarItIs() throws Exception {
        complete(get(fetch()));
        assertEquals(0, progress.get(0));
        assertEquals(CONTENT.length, progress.get(progress.size() - 1));
    }

    @Test
    void goesOnWhereTheConnectionBroke() throws Exception {
        hub.next(FILE, new StandInHub.Cut(100_000), new StandInHub.Cut(50_000));
        complete(get(fetch()));
        List<StandInHub.Request> requests = hub.requestsOf(FILE);
        assertEquals(3, requests.size());
        assertEquals(Optional.empty(), requests.get(0).range());
        long first = from(requests.get(1));
        long second = from(requests.get(2));
        // How much of what was sent before the cut arrives is the network's business.
        assertTrue(first <= 100_000 && first <= second && second <= 150_000, first + " " + second);
        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), pauses);
    }

    private static long from(StandInHub.Request request) {
        return request.range()
                .map(range -> Long.parseLong(range.replaceAll("\\D", "")))
                .orElse(0L);
    }

    @Test
    void goesOnWithWhatAnotherProcessLeft() throws Exception {
        Files.createDirectories(part.getParent());
        Files.write(part, java.util.Arrays.copyOf(CONTENT, 200_000));
        complete(get(fetch()));
        assertEquals(Optional.of("bytes=200000-"), hub.requestsOf(FILE).get(0).range());
        assertEquals(200_000, progress.get(0));
    }

    @Test
    void asksNothingWhenAllWasThere() throws Exception {
        Files.createDirectories(part.getParent());
        Files.write(part, CONTENT);
        complete(get(fetch()));
        assertEquals(List.of(), hub.requests());
    }

    @Test
    void beginsAgainWhereRangesAreNotServed() throws Exception {
        Files.createDirectories(part.getParent());
        Files.write(part, java.util.Arrays.copyOf(CONTENT, 200_000));
        hub.next(FILE, new StandInHub.NoRanges());
        complete(get(fetch()));
        assertEquals(1, hub.requestsOf(FILE).size());
    }

    @Test
    void aPartOfAnotherVersionIsThrownAway() throws Exception {
        Files.createDirectories(part.getParent());
        Files.write(part, new byte[200_000]);
        complete(get(fetch()));
        assertEquals(2, hub.requestsOf(FILE).size());
        assertEquals(Optional.empty(), hub.requestsOf(FILE).get(1).range());
    }

    @Test
    void withoutChecksumItGoesOnOnlyWithTheSameVersion() throws Exception {
        FileFetch unknown = new FileFetch(
                hub.address().resolve("/a/b/x.bin"),
                part,
                OptionalLong.empty(),
                Optional.empty(),
                1 << 20,
                Optional.empty());
        hub.next("a/b/x.bin", new StandInHub.Cut(100_000), new StandInHub.Status(404, ""));
        Fetch fetch = fetch();
        assertEquals(
                Kind.MISSING,
                assertThrows(FetchFailed.class, () -> fetch.toFile(unknown, progress::add))
                        .kind());
        byte[] other = CONTENT.clone();
        other[0] ^= 1;
        hub.put("a/b", "x.bin", other);
        fetch.toFile(unknown, progress::add);
        assertArrayEquals(other, Files.readAllBytes(part));
    }

    @Test
    void triesAgainWhenTheServerFailsAndWaitsAsLongAsItAsks() throws Exception {
        hub.next(FILE, new StandInHub.Status(503, ""), new StandInHub.Status(500, "x"), new StandInHub.Status(429, ""));
        complete(get(fetch()));
        assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)), pauses);
    }

    @Test
    void givesUpAfterSoManyAttemptsAndKeepsThePart() throws Exception {
        hub.next(FILE, new StandInHub.Cut(100_000), new StandInHub.Status(502, ""), new StandInHub.Status(502, ""));
        failed(Kind.UNREACHABLE, fetch(3, Duration.ofSeconds(20)));
        assertTrue(Files.exists(part));
        complete(get(fetch()));
    }

    @Test
    void aSilentServerIsGivenUpAndAskedAgain() throws Exception {
        hub.next(FILE, new StandInHub.Stall(100_000));
        complete(get(fetch(1000, Duration.ofMillis(300))));
        assertTrue(hub.requestsOf(FILE).size() >= 2);
    }

    @Test
    void refusesAnotherLengthThanWasAnnounced() {
        hub.next(FILE, new StandInHub.Longer(5));
        FetchFailed failure = failed(Kind.WRONG_LENGTH, fetch());
        assertTrue(failure.getMessage().contains("300005"), failure.getMessage());
        hub.put("a/b", "x.bin", new byte[10]);
        failed(Kind.WRONG_LENGTH, fetch());
    }

    @Test
    void refusesMoreThanItTakes() {
        FileFetch small = new FileFetch(
                hub.address().resolve("/" + FILE),
                part,
                OptionalLong.empty(),
                Optional.empty(),
                1000,
                Optional.empty());
        assertEquals(
                Kind.TOO_LARGE,
                assertThrows(FetchFailed.class, () -> fetch().toFile(small, progress::add))
                        .kind());
        assertEquals(
                Kind.TOO_LARGE,
                assertThrows(
                                FetchFailed.class,
                                () -> fetch().bytes(hub.address().resolve("/" + FILE), 1000))
                        .kind());
    }

    @Test
    void refusesOtherBytesThanWereAnnouncedAndKeepsNothing() {
        hub.next(FILE, new StandInHub.OtherBytes());
        failed(Kind.WRONG_HASH, fetch());
        assertFalse(Files.exists(part));
    }

    @Test
    void believesTheHashThatAHubNamesOnTheWay() {
        hub.next(FILE, new StandInHub.OtherBytes());
        FetchFailed failure =
                assertThrows(FetchFailed.class, () -> fetch().toFile(wanted(Optional.empty()), progress::add));
        assertEquals(Kind.WRONG_HASH, failure.kind());
    }

    @Test
    void checksWhatGitCallsTheFile() {
        String wrong = "0".repeat(40);
        FetchFailed failure =
                assertThrows(FetchFailed.class, () -> fetch().toFile(wanted(Checksum.gitBlob(wrong)), progress::add));
        assertEquals(Kind.WRONG_HASH, failure.kind());
    }

    @Test
    void refusalsAreNotTriedAgain() {
        hub.next(
                FILE,
                new StandInHub.Status(401, ""),
                new StandInHub.Status(403, ""),
                new StandInHub.Status(404, ""),
                new StandInHub.Status(418, ""));
        Fetch fetch = fetch();
        failed(Kind.UNAUTHORIZED, fetch);
        failed(Kind.FORBIDDEN, fetch);
        failed(Kind.MISSING, fetch);
        failed(Kind.BAD_REPLY, fetch);
        assertEquals(List.of(), pauses);
    }

    @Test
    void aRedirectToAPrivateAddressIsNotFollowed() {
        try (StandInHub inside = StandInHub.serve(directory.resolve("inside")).put("a/b", "x.bin", CONTENT)) {
            for (URI target : List.of(
                    inside.address().resolve("/" + FILE),
                    URI.create("http://169.254.169.254/latest"),
                    URI.create("https://localhost/x"),
                    URI.create("file:///etc/passwd"))) {
                hub.next(FILE, new StandInHub.Redirect(target));
                failed(Kind.NOT_ALLOWED, fetch());
            }
            assertEquals(List.of(), inside.requests());
        }
    }

    @Test
    void aCircleOfRedirectsEnds() {
        URI self = hub.address().resolve("/" + FILE);
        for (int i = 0; i < 20; i++) {
            hub.next(FILE, new StandInHub.Redirect(self));
        }
        failed(Kind.BAD_REPLY, fetch());
        assertTrue(hub.requestsOf(FILE).size() < 10);
    }

    @Test
    void theTokenGoesToItsOwnHostOnly() throws Exception {
        try (StandInHub cdn = StandInHub.serve(directory.resolve("cdn")).put("a/b", "x.bin", CONTENT)) {
            hub.next(FILE, new StandInHub.Redirect(cdn.address().resolve("/" + FILE)));
            Patience patience = new Patience(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    1,
                    Duration.ZERO,
                    Duration.ZERO);
            Fetch both = new Fetch(HostPolicy.of(List.of(), List.of(hub.address(), cdn.address())), patience);
            Credential credential = new Credential(hub.address(), new Secret("hush"));
            complete(both.toFile(
                    new FileFetch(
                            hub.address().resolve("/" + FILE),
                            part,
                            OptionalLong.of(CONTENT.length),
                            Optional.empty(),
                            1 << 20,
                            Optional.of(credential)),
                    progress::add));
            assertEquals(Optional.of("Bearer hush"), hub.requests().get(0).token());
            assertEquals(Optional.empty(), cdn.requests().get(0).token());
        }
    }

    @Test
    void anInterruptEndsItAndKeepsThePart() throws Exception {
        hub.next(FILE, new StandInHub.Stall(100_000));
        CountDownLatch some = new CountDownLatch(1);
        CompletableFuture<FetchFailed> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                fetch().toFile(wanted(Checksum.sha256(StandInHub.sha256(CONTENT))), bytes -> {
                    if (bytes > 0) {
                        some.countDown();
                    }
                });
            } catch (FetchFailed failed) {
                end.complete(failed);
            }
        });
        thread.start();
        assertTrue(some.await(30, TimeUnit.SECONDS));
        thread.interrupt();
        assertEquals(Kind.CANCELLED, end.get(30, TimeUnit.SECONDS).kind());
        assertTrue(Files.size(part) > 0);
        complete(get(fetch()));
    }

    @Test
    void aSmallBodyComesWhole() {
        hub.next(FILE, new StandInHub.Status(503, ""));
        assertArrayEquals(CONTENT, fetch().bytes(hub.address().resolve("/" + FILE), 1 << 20));
    }
}
