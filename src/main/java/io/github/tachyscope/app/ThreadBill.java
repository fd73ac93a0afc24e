package io.github.tachyscope.app;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.github.tachyscope.rtc.LoopbackPeer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who used the processor and who allocated, between two moments.
 *
 * <p>Threads of the benchmark's client are told by their names; every other Java thread works for the server. What the
 * process used beyond its Java threads is the machine's own: garbage collection and compilation. A thread that ended in
 * between is in nobody's share but the process's.
 */
final class ThreadBill {
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final List<String> CLIENT =
            List.of(BenchClient.THREAD_PREFIX, LoopbackPeer.THREAD_PREFIX, "HttpClient-", "main");

    private record Account(String name, long cpuNanos, long bytes) {}

    private final long wallNanos = System.nanoTime();
    private final long processNanos = PROCESS.getProcessCpuTime();
    private final Map<Long, Account> accounts = new HashMap<>();

    private ThreadBill() {
        long[] ids = THREADS.getAllThreadIds();
        ThreadInfo[] infos = THREADS.getThreadInfo(ids);
        long[] cpu = THREADS.getThreadCpuTime(ids);
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null) {
                accounts.put(ids[i], new Account(infos[i].getThreadName(), cpu[i], bytes[i]));
            }
        }
    }

    static ThreadBill now() {
        return new ThreadBill();
    }

    /**
     * Costs in a span of time, each per second of it.
     *
     * @param serverPercent of one core, by the server's Java threads
     * @param machinePercent of one core, by the Java machine itself: collector, compiler
     * @param clientPercent of one core, by the benchmark's client
     * @param serverBytes allocated on the heap by the server's threads
     * @param kinds the same by kind of thread: percent of one core, bytes
     */
    record Cost(
            double serverPercent,
            double machinePercent,
            double clientPercent,
            double serverBytes,
            Map<String, double[]> kinds) {}

    Cost since(ThreadBill before) {
        double nanos = wallNanos - before.wallNanos;
        double client = 0;
        double server = 0;
        double bytes = 0;
        Map<String, double[]> kinds = new TreeMap<>();
        for (Map.Entry<Long, Account> entry : accounts.entrySet()) {
            Account now = entry.getValue();
            Account then = before.accounts.getOrDefault(entry.getKey(), new Account(now.name(), 0, 0));
            double percent = 100.0 * (now.cpuNanos() - then.cpuNanos()) / nanos;
            double allocated = 1e9 * (now.bytes() - then.bytes()) / nanos;
            if (CLIENT.stream().anyMatch(now.name()::startsWith)) {
                client += percent;
            } else {
                server += percent;
                bytes += allocated;
            }
            double[] kind = kinds.computeIfAbsent(now.name().replaceAll("[0-9]+", "#"), name -> new double[2]);
            kind[0] += percent;
            kind[1] += allocated;
        }
        double process = 100.0 * (processNanos - before.processNanos) / nanos;
        return new Cost(server, Math.max(0, process - server - client), client, bytes, kinds);
    }

    /** One line per kind of thread that did anything worth a word. */
    static String list(Map<String, double[]> kinds) {
        StringBuilder text = new StringBuilder();
        kinds.forEach((name, cost) -> {
            if (cost[0] >= 0.05 || cost[1] >= 1000) {
                text.append(
                        String.format(Locale.ROOT, "  %-58s %7.2f %% %10.1f kB/s%n", name, cost[0], cost[1] / 1000));
            }
        });
        return text.toString();
    }
}
