package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server is killed in the middle of its work, again and again, and what it said before still holds. */
class JobCrashTest {
    private static final long SEED = 41;
    private static final int KILLS = 2;

    @TempDir
    private Path dir;

    private final Set<String> added = new HashSet<>();
    private final Map<String, String> completed = new HashMap<>();
    private final Set<String> touched = new HashSet<>();
    private final Set<String> removed = new HashSet<>();

    @Test
    @Timeout(180)
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            runAndKill(kill, 40 + random.nextInt(120));
            check("seed " + SEED + ", kill " + kill);
        }
        assertTrue(completed.size() > 5 && removed.size() > 1, () -> completed.size() + ", " + removed.size());
    }

    private void runAndKill(int run, int lines) throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path").replace("\n", File.pathSeparator),
                        JobLoop.class.getName(),
                        dir.toString(),
                        Long.toString(SEED + run),
                        "run" + run)
                .redirectError(dir.resolve("errors-" + run).toFile())
                .start();
        try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
            for (int line = 0; line < lines; line++) {
                String text = said.readLine();
                if (text == null) {
                    throw new AssertionError(Files.readString(dir.resolve("errors-" + run)));
                }
                note(text);
            }
            if (run == 0) {
                // One file, one server: a second one is told so.
                StoreUnavailable taken = assertThrows(StoreUnavailable.class, () -> open().close());
                assertTrue(taken.getMessage().contains("tachyscope.jobs.url"), taken.getMessage());
            }
            // By its handle: ending the process itself would also close what it said.
            child.toHandle().destroyForcibly();
            // What it managed to say before it died counts too; half a line has no mark at its end.
            for (String text = said.readLine(); text != null; text = said.readLine()) {
                note(text);
            }
        } finally {
            child.destroyForcibly();
            assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        }
    }

    private void note(String line) {
        String[] words = line.split(" ");
        if (!words[words.length - 1].equals(".")) {
            return;
        }
        switch (words[0]) {
            case "added" -> added.add(words[1]);
            case "completed" -> completed.put(words[1], words[2]);
            case "removing" -> touched.add(words[1]);
            case "removed" -> removed.add(words[1]);
            default -> throw new AssertionError(line);
        }
    }

    private JobStore open() throws IOException {
        return JobStore.open(JobFixtures.settings(dir, Optional.empty()), dir.resolve("media"), Clock.systemUTC());
    }

    private void check(String when) throws Exception {
        try (JobStore store = open()) {
            Map<String, Job> jobs = store.log().list(JobQuery.newest(JobQuery.MAX_LIMIT)).jobs().stream()
                    .collect(Collectors.toMap(Job::id, job -> job));
            for (String id : added) {
                assertTrue(jobs.containsKey(id) || touched.contains(id), () -> when + ": lost " + id);
            }
            for (String id : removed) {
                assertTrue(!jobs.containsKey(id), () -> when + ": came back " + id);
            }
            for (Map.Entry<String, String> one : completed.entrySet()) {
                Job job = jobs.get(one.getKey());
                if (job != null) {
                    assertEquals(JobState.COMPLETED, job.state(), when);
                    assertEquals(one.getValue(), job.files().get(0).sha256(), when);
                }
            }
            Set<String> folders = new TreeSet<>();
            for (Job job : jobs.values()) {
                assertTrue(job.state() != JobState.RUNNING, () -> when + ": nobody runs " + job);
                if (job.state() == JobState.COMPLETED) {
                    folders.add(job.id() + "." + job.attempt());
                    Path file = store.files().path(job, job.files().get(0)).orElseThrow();
                    byte[] bytes = Files.readAllBytes(file);
                    String sum = HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
                    assertEquals(job.files().get(0).sha256(), sum, when);
                }
            }
            try (var entries = Files.list(dir.resolve("results"))) {
                assertEquals(
                        folders,
                        entries.map(entry -> entry.getFileName().toString())
                                .filter(name -> !name.equals(".parts"))
                                .collect(Collectors.toCollection(TreeSet::new)),
                        when);
            }
            try (var parts = Files.list(dir.resolve("results/.parts/local"))) {
                assertEquals(List.of(), parts.toList(), when);
            }
        }
    }

    /** The server that is killed: three threads add, run and remove jobs and say what was acknowledged. */
    static final class JobLoop {
        private JobLoop() {}

        public static void main(String[] arguments) throws Exception {
            JobStore store = JobStore.open(
                    JobFixtures.settings(Path.of(arguments[0]), Optional.empty()),
                    Path.of(arguments[0]).resolve("media"),
                    Clock.systemUTC());
            for (int i = 0; i < 3; i++) {
                int thread = i;
                new Thread(() -> loop(
                                store,
                                new Random(Long.parseLong(arguments[1]) * 10 + thread),
                                arguments[2] + "-" + thread + "-"))
                        .start();
            }
        }

        private static void loop(JobStore store, Random random, String prefix) {
            try {
                for (int i = 0; ; i++) {
                    String id = prefix + i;
                    store.log().add(JobFixtures.job(id));
                    say("added " + id);
                    Optional<ClaimedJob> claimed = store.claims().claim("local");
                    if (claimed.isEmpty()) {
                        continue;
                    }
                    Claim claim = claimed.get().claim();
                    String sum = complete(store, claim, random);
                    say("completed " + claim.jobId() + " " + sum);
                    if (random.nextInt(4) == 0) {
                        say("removing " + claim.jobId());
                        store.remove(claim.jobId());
                        say("removed " + claim.jobId());
                    }
                }
            } catch (IOException | RuntimeException failure) {
                failure.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }

        private static String complete(JobStore store, Claim claim, Random random) throws IOException {
            byte[] bytes = new byte[random.nextInt(10_000)];
            random.nextBytes(bytes);
            try (ResultDraft draft = store.begin(claim)) {
                Files.write(draft.path("video.mp4"), bytes);
                List<ResultFile> files = draft.publish(List.of(
                        new ResultDraft.Entry("video.mp4", ResultFile.Kind.VIDEO, "video/mp4", ResultLabel.NONE)));
                store.claims().complete(claim, JobFixtures.outcome(files.get(0)));
                return files.get(0).sha256();
            }
        }

        private static synchronized void say(String what) {
            System.out.println(what + " .");
            System.out.flush();
        }
    }
}
