package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.MediaFolder;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.ResultLabel;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that runs jobs is killed at random moments; what comes out is what would have come out anyway. */
class JobKillIT {
    private static final long SEED = 11;
    private static final int JOBS = 20;
    private static final int KILLS = 4;
    private static final Keep FILED =
            new Keep.Raw("", Optional.of(new Filing(MediaFolder.OUTPUT, "killed/video", Map.of())));

    @TempDir
    Path directory;

    @Test
    @Timeout(240)
    void jobsOfAKilledServerMakeTheSameFilesAfterwards() throws Exception {
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            int chunks = 1 + random.nextInt(25);
            assertTrue(killAfter(chunks), "seed " + SEED + ", kill " + kill + ": all jobs had ended already");
        }
        Map<String, String> disturbed = finish(directory, "disturbed");
        assertEquals(JOBS, disturbed.size(), "seed " + SEED);
        assertEquals(finish(Files.createDirectory(directory.resolve("calm")), "calm"), disturbed, "seed " + SEED);
        assertNoLeftovers();
        assertEachIsFiledOnce();
    }

    /** Starts a process, lets it make so many chunks, kills it; false if it had nothing left to do. */
    private boolean killAfter(int chunks) throws Exception {
        Path errors = Files.createTempFile(directory, "errors", ".txt");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        JobKillIT.class.getName(),
                        directory.toString())
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
            for (int line = 0; line < chunks; line++) {
                String text = said.readLine();
                if (text == null) {
                    throw new AssertionError(Files.readString(errors));
                }
                if (text.equals("all ended")) {
                    return false;
                }
            }
            child.toHandle().destroyForcibly();
            return true;
        } finally {
            child.destroyForcibly();
            assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        }
    }

    /** Runs what is left to its end; the sums of the pictures by job. */
    private static Map<String, String> finish(Path directory, String name) throws Exception {
        try (JobHouse house = open(directory)) {
            submit(house);
            house.begin();
            Map<String, String> sums = new HashMap<>();
            for (int i = 0; i < JOBS; i++) {
                Job job = house.ended("job-" + i);
                assertEquals(JobState.COMPLETED, job.state(), () -> name + " " + job);
                sums.put(job.id(), job.file(ResultFile.Kind.DATA).orElseThrow().sha256());
                assertTrue(Files.isRegularFile(house.file(job, ResultFile.Kind.DATA)), job::toString);
            }
            return sums;
        }
    }

    /** Every file of the results belongs to a completed job. */
    private void assertNoLeftovers() throws Exception {
        try (JobHouse house = open(directory);
                var files = Files.walk(directory.resolve("jobs").resolve("results"))) {
            List<String> owned = JobHouse.get(house.desk.list(JobQuery.newest(JOBS))).jobs().stream()
                    .map(job -> job.id() + "." + job.attempt())
                    .toList();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertTrue(owned.contains(file.getParent().getFileName().toString()), () -> "left over: " + file);
            }
        }
    }

    /** What people look at are the files of completed jobs, each of them once. */
    private void assertEachIsFiledOnce() throws Exception {
        try (JobHouse house = open(directory)) {
            Set<String> filed = new HashSet<>();
            for (int i = 0; i < JOBS; i++) {
                Job job = house.ended("job-" + i);
                ResultFile file = job.file(ResultFile.Kind.DATA).orElseThrow();
                ResultLabel.Filed place = ResultLabel.of(file).filed().orElseThrow();
                filed.add(place.subfolder() + "/" + place.name());
                Path seen = house.desk.folders().find(place.folder(), place.subfolder(), place.name());
                assertEquals(-1, Files.mismatch(house.file(job, ResultFile.Kind.DATA), seen), job::toString);
            }
            assertEquals(filed, Set.copyOf(house.desk.folders().names(MediaFolder.OUTPUT)));
            assertEquals(JOBS, filed.size());
        }
    }

    private static JobHouse open(Path directory) throws Exception {
        return new JobHouse(
                directory, "synthetic", Map.of("tachyscope.jobs.max-attempts", "100", "tachyscope.jobs.parallel", "3"));
    }

    private static void submit(JobHouse house) throws Exception {
        for (int i = 0; i < JOBS; i++) {
            if (JobHouse.get(house.desk.find("job-" + i)).isEmpty()) {
                house.submit(
                        "job-" + i,
                        JobHouse.plan(
                                40 + i,
                                "{\"prompts\":[{\"text\":\"number " + i + "\",\"weight\":100}],\"base_seed\":" + i
                                        + "}",
                                FILED));
            }
        }
    }

    /** The process that is killed. Says a line for every chunk of its first jobs. */
    public static void main(String[] arguments) throws Exception {
        JobHouse house = open(Path.of(arguments[0]));
        submit(house);
        for (int i = 0; i < JOBS; i++) {
            house.desk
                    .watch("job-" + i)
                    .filter(JobNews.ChunkMade.class::isInstance)
                    .runForeach(chunk -> System.out.println("chunk"), house.kit.system());
        }
        house.begin();
        for (int i = 0; i < JOBS; i++) {
            house.ended("job-" + i);
        }
        System.out.println("all ended");
        System.exit(0);
    }
}
