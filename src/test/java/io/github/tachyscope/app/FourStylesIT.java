package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.VideoFeed.Colour;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four cameras share the bundled model: each is painted in its own style, and none is starved. */
class FourStylesIT {
    /** Styles whose colours are far apart, whatever they are given. */
    private static final List<String> PROMPTS =
            List.of("thermal camera", "night vision", "blueprint", "sepia photograph");

    /** Least distance between the mean colours of two styles, in steps of a byte. */
    private static final double APART = 20;

    /** Most distance between the mean colours of one style at two times; the codec and a moving bar make some. */
    private static final double SAME = 10;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration CAMERA = Duration.ofMillis(40);

    private final List<LiveClient> clients = new ArrayList<>();

    @Test
    void eachOfFourGetsItsOwnStyleAndItsShareAndAFifthWaits(@TempDir Path directory) throws Exception {
        // Unpacking the library may take long on its first day on a machine.
        Torch.require();
        try (RunningServer server = RunningServer.start(
                directory, Map.of("tachyscope.pipelines.preload", "", "tachyscope.session.max", "4"))) {
            server.loadWith(Map.of("width", 256, "height", 256), "tiny");
            for (String prompt : PROMPTS) {
                LiveClient client = LiveClient.camera(server);
                clients.add(client);
                client.connect(offer(prompt));
            }
            filmFor("three pictures for each", 3);
            film("four styles", this::apart);
            refusesAFifth(server);
            sharesFairly();
            assertTrue(apart(), this::colours);

            Colour inCompany = clients.get(0).video.mean();
            while (clients.size() > 1) {
                clients.remove(1).close();
            }
            server.await("/api/v1/session/metrics", all -> all.path("sessions").size() == 1);
            filmFor("three pictures alone", 3);
            film("the same style alone", () -> clients.get(0).video.mean().distance(inCompany) < SAME);
        } finally {
            clients.forEach(LiveClient::close);
        }
    }

    private static String offer(String prompt) {
        return "{\"input_mode\": \"video\", \"prompts\": [{\"text\": \"" + prompt + "\"}]}";
    }

    private static void refusesAFifth(RunningServer server) throws Exception {
        try (LiveClient fifth = LiveClient.camera(server)) {
            HttpResponse<String> reply = fifth.offer(offer("one too many"));
            assertEquals(503, reply.statusCode(), reply.body());
            assertEquals("5", reply.headers().firstValue("Retry-After").orElse("none"));
        }
        assertEquals(4, server.json("/api/v1/session/metrics").path("sessions").size());
    }

    private void sharesFairly() {
        List<Integer> before = decoded();
        // As many pictures as it takes to tell shares apart, not as much time: machines differ.
        film("twelve pictures for the luckiest", () -> Collections.max(more(before)) >= 12);
        List<Integer> got = more(before);
        assertTrue(2 * Collections.min(got) >= Collections.max(got), "pictures in the same time: " + got);
    }

    private List<Integer> decoded() {
        return clients.stream().map(client -> client.video.decoded()).toList();
    }

    private List<Integer> more(List<Integer> before) {
        List<Integer> got = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            got.add(clients.get(i).video.decoded() - before.get(i));
        }
        return got;
    }

    private boolean apart() {
        for (int i = 0; i < clients.size(); i++) {
            for (int j = 0; j < i; j++) {
                Colour one = clients.get(i).video.mean();
                if (one.distance(clients.get(j).video.mean()) < APART) {
                    return false;
                }
            }
        }
        return true;
    }

    private String colours() {
        return clients.stream().map(client -> client.video.mean().toString()).collect(Collectors.joining(", "));
    }

    private void filmFor(String what, int pictures) {
        List<Integer> before = decoded();
        film(what, () -> Collections.min(more(before)) >= pictures);
    }

    /** Every camera sends the same pictures until something has come true. */
    private void film(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what + ": " + decoded() + " pictures, " + colours());
            }
            clients.forEach(client -> client.video.push());
            LockSupport.parkNanos(CAMERA.toNanos());
        }
    }
}
