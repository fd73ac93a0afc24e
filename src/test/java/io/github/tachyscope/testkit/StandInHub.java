package io.github.tachyscope.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder served as a hub of models, at a port of this machine: {@code <folder>/<owner>/<name>/<files>}. Files that end in
 * {@code .safetensors} are listed with their SHA-256, others with the name that git gives them, as the real hub does.
 *
 * <p>{@link #next} makes it misbehave, one fault for each request of a path; a path ends in what is given.
 */
public final class StandInHub implements AutoCloseable {
    private static final Pattern TREE = Pattern.compile("/api/models/([^/]+/[^/]+)/tree/([^/]+)");
    private static final Pattern RESOLVE = Pattern.compile("/([^/]+/[^/]+)/resolve/([^/]+)/(.+)");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

    static {
        // Else each reply waits for an acknowledgement that its client delays.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** How one reply goes wrong. */
    public sealed interface Fault {}

    /** Another status; the text is the body. */
    public record Status(int status, String body) implements Fault {}

    /** The connection ends after so many bytes of the body. */
    public record Cut(long afterBytes) implements Fault {}

    /** Nothing more comes after so many bytes, until {@link #release}. */
    public record Stall(long afterBytes) implements Fault {}

    /** All of the file, whatever part was asked for. */
    public record NoRanges() implements Fault {}

    /** So many bytes more than the file has, zeros. */
    public record Longer(int bytes) implements Fault {}

    /** As many bytes as the file has, all of them another. */
    public record OtherBytes() implements Fault {}

    /** The file is elsewhere. */
    public record Redirect(URI to) implements Fault {}

    /** What was asked. */
    public record Request(String path, Optional<String> range, Optional<String> token) {}

    private final Path folder;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final List<String> extraListings = new CopyOnWriteArrayList<>();

    private StandInHub(Path folder) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public static StandInHub serve(Path folder) {
        try {
            return new StandInHub(folder);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** To be configured as {@code tachyscope.models.hub-url}. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Puts a file into a repository. */
    public StandInHub put(String repository, String path, byte[] bytes) {
        try {
            Path file = folder.resolve(repository).resolve(path);
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A small file that is a safetensors file by its form: one tensor of zeros. */
    public static byte[] safetensors(int tensorBytes) {
        String header =
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + tensorBytes + "],\"data_offsets\":[0," + tensorBytes + "]}}";
        byte[] json = header.getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[8 + json.length + tensorBytes];
        for (int i = 0; i < 8; i++) {
            all[i] = (byte) ((long) json.length >>> 8 * i);
        }
        System.arraycopy(json, 0, all, 8, json.length);
        return all;
    }

    /** The next requests of a path that ends so are answered with these faults, one each. */
    public StandInHub next(String path, Fault... wrong) {
        faults.computeIfAbsent(path, none -> new ArrayDeque<>()).addAll(List.of(wrong));
        return this;
    }

    /** From now on the repository is there for this token only. */
    public StandInHub guard(String repository, String token) {
        tokens.put(repository, token);
        return this;
    }

    /** Lists one more file of that name everywhere, which is not there. */
    public StandInHub list(String path) {
        extraListings.add(path);
        return this;
    }

    /** Lets stalled replies end, cut. */
    public void release() {
        released.countDown();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Requests of the bytes of a file. */
    public List<Request> requestsOf(String path) {
        return requests.stream()
                .filter(request -> request.path().endsWith(path))
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Optional<String> token =
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
            Optional<String> range =
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"));
            requests.add(new Request(path, range, token));
            Matcher tree = TREE.matcher(path);
            Matcher resolve = RESOLVE.matcher(path);
            if (tree.matches() && allowed(exchange, tree.group(1), token)) {
                tree(exchange, path, tree.group(1));
            } else if (resolve.matches() && allowed(exchange, resolve.group(1), token)) {
                file(exchange, path, folder.resolve(resolve.group(1)).resolve(resolve.group(3)), range);
            } else if (!tree.matches() && !resolve.matches()) {
                file(exchange, path, folder.resolve(path.substring(1)), range);
            }
        }
    }

    private boolean allowed(HttpExchange exchange, String repository, Optional<String> token) throws IOException {
        String wanted = tokens.get(repository);
        if (wanted == null || token.equals(Optional.of("Bearer " + wanted))) {
            return true;
        }
        text(exchange, token.isPresent() ? 403 : 401, "{\"error\":\"gated\"}");
        return false;
    }

    private Optional<Fault> fault(String path) {
        return faults.entrySet().stream()
                .filter(entry -> path.endsWith(entry.getKey()))
                .findFirst()
                .map(entry -> {
                    synchronized (entry.getValue()) {
                        return entry.getValue().poll();
                    }
                });
    }

    private void tree(HttpExchange exchange, String path, String repository) throws IOException {
        Optional<Fault> wrong = fault(path);
        if (wrong.isPresent() && wrong.get() instanceof Status status) {
            text(exchange, status.status(), status.body());
            return;
        }
        Path root = folder.resolve(repository);
        if (!Files.isDirectory(root)) {
            text(exchange, 404, "{\"error\":\"Repository not found\"}");
            return;
        }
        ArrayNode listing = JsonNodeFactory.instance.arrayNode();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                byte[] bytes = Files.readAllBytes(file);
                var entry = listing.addObject()
                        .put("type", "file")
                        .put("path", root.relativize(file).toString().replace('\\', '/'))
                        .put("size", bytes.length)
                        .put(
                                "oid",
                                hash(
                                        "SHA-1",
                                        ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII),
                                        bytes));
                if (file.toString().endsWith(".safetensors")) {
                    entry.putObject("lfs")
                            .put("oid", hash("SHA-256", new byte[0], bytes))
                            .put("size", bytes.length);
                }
            }
        }
        for (String extra : extraListings) {
            listing.addObject()
                    .put("type", "file")
                    .put("path", extra)
                    .put("size", 3)
                    .put("oid", "0".repeat(40));
        }
        text(exchange, 200, listing.toString());
    }

    private void file(HttpExchange exchange, String path, Path file, Optional<String> range) throws IOException {
        Optional<Fault> wrong = fault(path);
        if (wrong.isPresent() && wrong.get() instanceof Status status) {
            text(exchange, status.status(), status.body());
            return;
        }
        if (wrong.isPresent() && wrong.get() instanceof Redirect redirect) {
            exchange.getResponseHeaders().set("Location", redirect.to().toString());
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        if (!Files.isRegularFile(file)) {
            text(exchange, 404, "Entry not found");
            return;
        }
        byte[] whole = content(Files.readAllBytes(file), wrong);
        String tag = "\"" + hash("SHA-256", new byte[0], whole) + "\"";
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.getResponseHeaders()
                .set("X-Linked-Etag", "\"" + hash("SHA-256", new byte[0], Files.readAllBytes(file)) + "\"");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        boolean whatWasAsked = (condition == null || condition.equals(tag))
                && wrong.filter(NoRanges.class::isInstance).isEmpty();
        Matcher part = RANGE.matcher(range.orElse(""));
        int from = whatWasAsked && part.matches() ? Integer.parseInt(part.group(1)) : 0;
        if (from > 0 && from >= whole.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (whole.length - 1) + "/" + whole.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, whole.length - from);
        send(exchange.getResponseBody(), whole, from, wrong);
    }

    private static byte[] content(byte[] right, Optional<Fault> wrong) {
        if (wrong.isPresent() && wrong.get() instanceof Longer longer) {
            byte[] more = new byte[right.length + longer.bytes()];
            System.arraycopy(right, 0, more, 0, right.length);
            return more;
        }
        if (wrong.filter(OtherBytes.class::isInstance).isPresent()) {
            for (int i = 0; i < right.length; i++) {
                right[i] ^= 1;
            }
        }
        return right;
    }

    private void send(OutputStream out, byte[] whole, int from, Optional<Fault> wrong) throws IOException {
        long limit = whole.length - from;
        if (wrong.isPresent() && wrong.get() instanceof Cut cut) {
            limit = cut.afterBytes();
        } else if (wrong.isPresent() && wrong.get() instanceof Stall stall) {
            limit = stall.afterBytes();
        }
        out.write(whole, from, (int) limit);
        out.flush();
        if (wrong.filter(Stall.class::isInstance).isPresent()) {
            try {
                released.await();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void text(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    public static String sha256(byte[] bytes) {
        return hash("SHA-256", new byte[0], bytes);
    }

    private static String hash(String algorithm, byte[] head, byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(head);
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
