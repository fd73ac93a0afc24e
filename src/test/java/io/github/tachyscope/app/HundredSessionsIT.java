package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred sessions, each with pictures, come and go and leave nothing behind. */
class HundredSessionsIT {
    private static final int SESSIONS = 100;
    private static final int AT_ONCE = 4;

    /** Enough for the pools to reach their size. */
    private static final int WARM_UP = 20;

    /** Idle pools grow and shrink by a few. */
    private static final int SLACK = 6;

    /** One leaked session's frames and buffers are more than a hundredth of this. */
    private static final long HEAP_SLACK = 10L << 20;

    /** The other side of each session lives in this process too, and allocators keep what they had. */
    private static final long PROCESS_SLACK = 100L << 20;

    @Test
    void aHundredSessionsLeaveNothingBehind(@TempDir Path directory) throws Exception {
        try (RunningServer server = RunningServer.start(directory, Map.of("tachyscope.pipelines.preload", ""))) {
            server.loadWith(Map.of("width", 128, "height", 128), "synthetic");
            comeAndGo(server, WARM_UP);
            long heap = heap();
            long process = Pointer.physicalBytes();
            long threads = threads();
            long files = files();

            comeAndGo(server, SESSIONS);

            settles("threads", threads + SLACK, HundredSessionsIT::threads);
            settles("open files", files + SLACK, HundredSessionsIT::files);
            settles("bytes of heap", heap + HEAP_SLACK, HundredSessionsIT::heap);
            settles("bytes of memory", process + PROCESS_SLACK, Pointer::physicalBytes);
        }
    }

    private static void settles(String what, long most, LongSupplier now) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        long value = now.getAsLong();
        while (value > most && System.nanoTime() < deadline) {
            LockSupport.parkNanos(100_000_000);
            value = now.getAsLong();
        }
        assertTrue(value <= most, value + " " + what + "; expected were at most " + most);
    }

    private static void comeAndGo(RunningServer server, int sessions) throws Exception {
        for (int done = 0; done < sessions; done += AT_ONCE) {
            List<LiveClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < AT_ONCE; i++) {
                    LiveClient client = LiveClient.viewer(server);
                    clients.add(client);
                    client.connect("{}");
                }
                for (LiveClient client : clients) {
                    client.awaitPictures(1);
                }
                // Half of them hang up, the others just leave.
                for (LiveClient client : clients.subList(0, AT_ONCE / 2)) {
                    server.delete("/api/v1/webrtc/offer/" + client.sessionId());
                }
            } finally {
                clients.forEach(LiveClient::close);
            }
            server.await("/api/v1/session/metrics", all -> all.path("sessions").isEmpty());
        }
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    /** Without the unbound sockets of ice4j's socket wrappers: only the collector closes those. */
    private static long files() {
        System.gc();
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
