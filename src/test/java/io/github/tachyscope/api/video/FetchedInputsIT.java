package io.github.tachyscope.api.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.tachyscope.api.video.RemoteInputs.RemoteRefused;
import io.github.tachyscope.fetch.HostPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchedInputsIT {
    private static final byte[] FILE = {1, 2, 3, 4, 5};

    @TempDir
    private Path directory;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer host;
    private URI address;

    @BeforeEach
    void start() throws IOException {
        host = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        host.setExecutor(threads);
        host.createContext("/file", exchange -> {
            exchange.sendResponseHeaders(200, FILE.length);
            exchange.getResponseBody().write(FILE);
            exchange.close();
        });
        host.createContext("/silent", exchange -> {
            await();
            exchange.close();
        });
        host.start();
        address = URI.create("http://127.0.0.1:" + host.getAddress().getPort());
    }

    private void await() {
        try {
            stopped.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        stopped.countDown();
        host.stop(0);
        threads.shutdownNow();
    }

    private RemoteInputs inputs(Duration longest) {
        return new FetchedInputs(HostPolicy.of(List.of(), List.of(address)), longest);
    }

    @Test
    void fetchesAFile() throws IOException {
        Path file = directory.resolve("file");
        inputs(Duration.ofSeconds(20)).fetch(address.resolve("/file"), FILE.length, file);
        assertArrayEquals(FILE, Files.readAllBytes(file));
    }

    @Test
    void refusesAFileThatIsTooLarge() {
        assertThrows(
                RemoteRefused.class,
                () -> inputs(Duration.ofSeconds(20))
                        .fetch(address.resolve("/file"), FILE.length - 1, directory.resolve("file")));
    }

    @Test
    void refusesPrivateHostsAndThoseWithoutHttps() {
        RemoteInputs open = FetchedInputs.fromPublicHosts();
        for (String target : List.of("https://127.0.0.1/a", "https://localhost/a", address + "/file")) {
            assertThrows(
                    RemoteRefused.class, () -> open.fetch(URI.create(target), 100, directory.resolve("file")), target);
        }
    }

    @Test
    void waitsForNobodyWithoutEnd() {
        RemoteRefused refused = assertThrows(
                RemoteRefused.class,
                () -> inputs(Duration.ofMillis(200)).fetch(address.resolve("/silent"), 100, directory.resolve("file")));
        assertTrue(refused.getMessage().contains("did not arrive"), refused.getMessage());
    }

    @Test
    void saysHowToSwitchItOnWhereItIsOff() {
        RemoteRefused refused = assertThrows(
                RemoteRefused.class, () -> RemoteInputs.none().fetch(address, 100, directory.resolve("file")));
        assertTrue(refused.getMessage().contains("tachyscope.video.remote-inputs"), refused.getMessage());
        assertEquals(0, directory.toFile().list().length);
    }
}
