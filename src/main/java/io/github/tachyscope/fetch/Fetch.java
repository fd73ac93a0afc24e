package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import io.github.tachyscope.fetch.FileFetch.Fetched;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

/**
 * Fetches over HTTP within a {@link HostPolicy}: every hop of a redirect is checked, transient faults are tried again with
 * growing pauses, a file goes on where it broke off (RFC 9110, section 14).
 *
 * <pre>
 * request --3xx, at most 6--> check --> request ... --200/206--> body --> length and hash right? --> done
 *    ^                                     | 5xx, 429, cut, silent       | no: once more from the first byte
 *    +------------- pause -----------------+-----------------------------+
 * </pre>
 *
 * Safe for many threads. All methods block; interrupting the thread ends them with {@link FetchFailed.Kind#CANCELLED}.
 */
public final class Fetch {
    /** Hops of one request; hubs need two. Protects from circles. */
    private static final int MAX_REDIRECTS = 6;

    /** So much more of a file is progress: the attempts are counted from the beginning again. */
    private static final long PROGRESS_BYTES = 1 << 20;

    /** Waits between two attempts. */
    @FunctionalInterface
    interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    /** A small reply, whole. */
    record Answer(byte[] body, HttpHeaders headers) {}

    private final HttpClient client;
    private final HostPolicy policy;
    private final Patience patience;
    private final Pause pause;

    public Fetch(HostPolicy policy, Patience patience) {
        this(policy, patience, duration -> Thread.sleep(duration.toMillis()));
    }

    Fetch(HostPolicy policy, Patience patience, Pause pause) {
        this.policy = policy;
        this.patience = patience;
        this.pause = pause;
        // Connections of their own for files that are fetched side by side; over HTTP/2 they would share one window.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .build();
    }

    /**
     * A small body, whole.
     *
     * @throws FetchFailed if it does not come, or is longer than {@code maxBytes}
     */
    public byte[] bytes(URI address, int maxBytes) {
        return get(address, maxBytes, Optional.empty()).body();
    }

    Answer get(URI address, int maxBytes, Optional<Credential> credential) {
        return persist(() -> 0L, () -> {
            try (Reply reply = open(address, Map.of(), credential)) {
                if (reply.status() != 200) {
                    throw reply.refusal();
                }
                return new Answer(collect(reply, maxBytes), reply.headers());
            }
        });
    }

    private static byte[] collect(Reply reply, int maxBytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Optional<List<ByteBuffer>> piece = reply.body().next();
                piece.isPresent();
                piece = reply.body().next()) {
            for (ByteBuffer buffer : piece.get()) {
                if (all.size() + buffer.remaining() > maxBytes) {
                    throw new FetchFailed(
                            Kind.TOO_LARGE,
                            "What " + reply.from().getHost() + " sends is larger than " + maxBytes + " bytes.");
                }
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                all.writeBytes(bytes);
            }
        }
        return all.toByteArray();
    }

    /**
     * A file, complete and checked when this returns. When it throws, what has come stays in the part file, unless it was
     * wrong.
     */
    public Fetched toFile(FileFetch wanted, FileFetch.Progress progress) {
        try (PartFile part = PartFile.open(wanted.part(), wanted.bytes())) {
            FileTransfer transfer = new FileTransfer(this, wanted, part, progress);
            return persist(part::length, transfer::attempt);
        }
    }

    /** Tries again what may work another time. */
    private <T> T persist(Supplier<Long> progress, Supplier<T> attempt) {
        int failures = 0;
        while (true) {
            long before = progress.get();
            try {
                return attempt.get();
            } catch (FetchFailed failed) {
                boolean moved = progress.get() - before >= PROGRESS_BYTES;
                failures = moved ? 1 : failures + 1;
                if (failed.kind() != Kind.UNREACHABLE || failures >= patience.attempts()) {
                    throw failed;
                }
                sleep(failed.retryAfter().orElse(Duration.ZERO), patience.pause(failures));
            }
        }
    }

    private void sleep(Duration asked, Duration own) {
        Duration longer = asked.compareTo(own) > 0 ? asked : own;
        try {
            pause.sleep(longer.compareTo(patience.longestPause()) < 0 ? longer : patience.longestPause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw FetchFailed.cancelled();
        }
    }

    /** Asks, and follows redirects. The caller closes the reply. */
    Reply open(URI start, Map<String, String> headers, Optional<Credential> credential) {
        URI at = start;
        Optional<Checksum> linked = Optional.empty();
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            policy.check(at);
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = send(at, headers, credential);
            BodyReader body = new BodyReader(response.body(), patience.stall(), at.getHost());
            linked = linked.or(() -> response.headers()
                    .firstValue("X-Linked-Etag")
                    .map(tag -> tag.replace("\"", ""))
                    .flatMap(Checksum::sha256));
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                try {
                    policy.check(at);
                } catch (FetchFailed moved) {
                    body.close();
                    throw moved;
                }
                return new Reply(at, response.statusCode(), response.headers(), linked, body);
            }
            body.close();
            at = resolve(at, location.get());
        }
        throw new FetchFailed(Kind.BAD_REPLY, start.getHost() + " redirects in a circle.");
    }

    private static URI resolve(URI from, String location) {
        try {
            return from.resolve(location);
        } catch (IllegalArgumentException malformed) {
            throw new FetchFailed(Kind.BAD_REPLY, from.getHost() + " redirects to an address that is none.");
        }
    }

    private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(
            URI address, Map<String, String> headers, Optional<Credential> credential) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(patience.reply())
                .header("User-Agent", "tachyscope")
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        credential
                .filter(known -> known.belongsTo(address))
                .ifPresent(known -> request.header("Authorization", known.header()));
        try {
            return client.send(request.build(), BodyHandlers.ofPublisher());
        } catch (IOException failed) {
            throw new FetchFailed(
                    Kind.UNREACHABLE,
                    HostPolicy.shown(address) + " cannot be reached: " + BodyReader.reason(failed) + ".");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw FetchFailed.cancelled();
        }
    }
}
