package io.github.tachyscope.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Assumptions;
import org.tukaani.xz.XZInputStream;

/**
 * A PostgreSQL of one's own, one for all tests of a process. It comes out of a jar, or is what Debian installed, and lives
 * in a temporary directory that goes with it.
 *
 * <p>PostgreSQL refuses to run as root, as build containers do, so then it runs as the user that has no rights at all.
 */
public final class PostgresServer {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final int NOBODY = 65534;
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static Optional<PostgresServer> shared = Optional.empty();
    private static Optional<String> refusal = Optional.empty();

    private final Path home;
    private final Path base;
    private final int port;
    private Optional<Process> process = Optional.empty();

    private PostgresServer(Path home) throws IOException, InterruptedException {
        this.home = home;
        this.base = Files.createTempDirectory("tachyscope-postgres-");
        giveAway(base);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        Process initdb = launch(
                "initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
        if (!initdb.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS) || initdb.exitValue() != 0) {
            initdb.destroyForcibly();
            throw new IOException("initdb failed: " + output());
        }
    }

    /** The running server; without one the test is skipped with the reason, but on a build server it fails. */
    public static synchronized PostgresServer shared() {
        if (shared.isEmpty() && refusal.isEmpty()) {
            try {
                PostgresServer server = new PostgresServer(binaries());
                Runtime.getRuntime().addShutdownHook(new Thread(server::end));
                server.start();
                shared = Optional.of(server);
            } catch (IOException | SQLException | InterruptedException failure) {
                refusal = Optional.of("PostgreSQL cannot be started here: " + failure.getMessage());
            }
        }
        if (refusal.isPresent() && System.getenv("CI") != null) {
            throw new AssertionError(refusal.get());
        }
        Assumptions.assumeTrue(refusal.isEmpty(), () -> refusal.orElse(""));
        return shared.orElseThrow();
    }

    /** The address of a new, empty schema. The user is "postgres" without a password. */
    public String emptySchema() throws SQLException {
        String schema = "test" + SCHEMAS.incrementAndGet();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
        }
        return url() + "?currentSchema=" + schema;
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url() + "?connectTimeout=2", "postgres", "");
    }

    /** Ends it as a power cut would; the data stay. */
    public synchronized void stop() throws InterruptedException {
        if (process.isPresent()) {
            // The quit signal: every process of the server ends at once, and nobody is waited for.
            signal(process.get(), "QUIT");
            if (!process.get().waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.get().destroyForcibly();
            }
            process = Optional.empty();
        }
    }

    private static void signal(Process process, String name) throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException noKill) {
            process.destroyForcibly();
        }
    }

    public synchronized void start() throws IOException, SQLException, InterruptedException {
        process = Optional.of(launch(
                "postgres",
                "-D",
                data(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=60",
                "-c",
                "shared_buffers=16MB"));
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try (Connection connection = connect()) {
                return;
            } catch (SQLException notYet) {
                if (!process.get().isAlive() || System.nanoTime() > end) {
                    throw new IOException("no answer: " + output(), notYet);
                }
                process.get().waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void end() {
        try {
            stop();
            try (var files = Files.walk(base)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | UncheckedIOException | InterruptedException left) {
            System.err.println("left behind: " + base + " (" + left + ")");
        }
    }

    private String data() {
        return base.resolve("data").toString();
    }

    private String output() throws IOException {
        Path log = base.resolve("log");
        return Files.exists(log) ? Files.readString(log).strip() : "";
    }

    private Process launch(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (root()) {
            String nobody = Integer.toString(NOBODY);
            command.addAll(List.of("setpriv", "--reuid=" + nobody, "--regid=" + nobody, "--clear-groups"));
        }
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(base.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(base.resolve("log").toFile()))
                .start();
    }

    private static void giveAway(Path directory) throws IOException {
        if (root()) {
            Files.setAttribute(directory, "unix:uid", NOBODY);
            Files.setAttribute(directory, "unix:gid", NOBODY);
        }
    }

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    /** Unpacked once for a machine; else the newest that Debian has installed. */
    private static Path binaries() throws IOException {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        String name = system.startsWith("mac") ? "darwin" : system.startsWith("windows") ? "windows" : "linux";
        try (InputStream packed = PostgresServer.class.getResourceAsStream("/postgres-" + name + "-" + arch + ".txz")) {
            if (packed != null) {
                return unpacked(packed);
            }
        }
        Path debian = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(debian)) {
            throw new IOException("there is neither a packed nor an installed one");
        }
        try (var versions = Files.list(debian)) {
            return versions.filter(version -> Files.isExecutable(version.resolve("bin/initdb")))
                    .max((a, b) -> Integer.compare(number(a), number(b)))
                    .orElseThrow(() -> new IOException("nothing in " + debian));
        }
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString().replaceAll("\\D.*", "0"));
    }

    private static Path unpacked(InputStream packed) throws IOException {
        byte[] archive = packed.readAllBytes();
        Path target = Path.of(
                System.getProperty("java.io.tmpdir"),
                "tachyscope-postgres-" + Integer.toHexString(Arrays.hashCode(archive)) + "-"
                        + System.getProperty("user.name"));
        if (Files.isDirectory(target)) {
            return target;
        }
        Path part = Files.createTempDirectory("tachyscope-postgres-part-");
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, part);
            }
        }
        part.toFile().setReadable(true, false);
        part.toFile().setExecutable(true, false);
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException somebodyWasFaster) {
            return target;
        }
        return target;
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path into) throws IOException {
        Path path = into.resolve(entry.getName()).normalize();
        if (!path.startsWith(into)) {
            throw new IOException("leads out: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, path);
            path.toFile().setExecutable((entry.getMode() & 0100) != 0, false);
        }
    }
}
