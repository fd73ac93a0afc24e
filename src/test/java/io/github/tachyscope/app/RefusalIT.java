package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.Offers;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offers that are refused because the device is predicted to be too busy, while nothing else goes on. */
class RefusalIT {
    private static final int OFFERS = 100;

    /** Threads and files of the process may still grow by some for other reasons, but not with each offer. */
    private static final int SOME = OFFERS / 5;

    private static final String SDP =
            new Offers().video("0", "recvonly").data("1").sdp();

    @Test
    void aRefusalCostsNoPortNoThreadAndNoNativeMemory(@TempDir Path directory) throws Exception {
        // 20 ms a frame, as the warm-up has measured, at 120 frames a second: even one session is too many.
        Map<String, String> settings = Map.of(
                "tachyscope.pipelines.synthetic.step-cost", "60 ms",
                "tachyscope.engine.warm-up", "5 s",
                "tachyscope.engine.max-batch", "1",
                "tachyscope.load.measures", "lower-rate",
                "tachyscope.load.least-fps", "120",
                "tachyscope.load.target-fps", "120");
        try (RunningServer server = RunningServer.start(directory, settings)) {
            server.loadWith(Map.of("width", 64, "height", 64), "synthetic");
            refuse(server, 20);
            int threads = ManagementFactory.getThreadMXBean().getThreadCount();
            long files = openFiles();
            long objects = Pointer.totalCount();
            long bytes = Pointer.totalBytes();

            refuse(server, OFFERS);

            NativeObjects.assertNoMoreThan(objects);
            long bytesNow = Pointer.totalBytes();
            assertTrue(bytesNow <= bytes, () -> bytesNow + " native bytes; there were " + bytes);
            int threadsNow = ManagementFactory.getThreadMXBean().getThreadCount();
            assertTrue(threadsNow - threads < SOME, () -> threadsNow + " threads; there were " + threads);
            long filesNow = openFiles();
            assertTrue(filesNow - files < SOME, () -> filesNow + " open files; there were " + files);
            assertEquals(
                    0, server.json("/api/v1/session/metrics").path("sessions").size());
        }
    }

    private static void refuse(RunningServer server, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            HttpResponse<String> refused = LiveClient.offer(server, SDP, "{}");
            assertEquals(503, refused.statusCode(), refused.body());
            assertTrue(refused.headers().firstValue("Retry-After").isPresent());
            assertTrue(refused.body().contains("busy"), refused.body());
        }
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
