package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFilesTest {
    private static final byte[] BYTES = {1, 2, 3};
    private static final Claim CLAIM = new Claim("job", "local", 2);

    @TempDir
    private Path dir;

    private ResultFiles files;

    @BeforeEach
    void open() throws IOException {
        files = new ResultFiles(dir, "local", 0);
    }

    private static void write(ResultDraft draft, String name) throws IOException {
        try (OutputStream out = draft.create(name)) {
            out.write(BYTES);
        }
    }

    private static ResultDraft.Entry entry(String name) {
        return new ResultDraft.Entry(name, ResultFile.Kind.VIDEO, "video/mp4", new ResultLabel("9", Optional.empty()));
    }

    private List<Path> inParts() throws IOException {
        try (var left = Files.list(dir.resolve(".parts").resolve("local"))) {
            return left.toList();
        }
    }

    @Test
    void filesAppearTogetherAndMeasured() throws IOException {
        try (ResultDraft draft = files.begin(CLAIM)) {
            write(draft, "video.mp4");
            Files.write(draft.path("frame-00001.png"), BYTES);
            write(draft, "scratch.bin");
            // A live viewer reads what is there so far.
            assertArrayEquals(BYTES, Files.readAllBytes(draft.path("video.mp4")));
            assertEquals(List.of(), files.folders());
            List<ResultFile> published = draft.publish(List.of(entry("video.mp4"), entry("frame-00001.png")));
            assertEquals(
                    new ResultFile(
                            "video.mp4",
                            ResultFile.Kind.VIDEO,
                            "video/mp4",
                            3,
                            "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
                            "{\"source\":\"9\"}"),
                    published.get(0));
        }
        assertEquals(List.of(new ResultFiles.Folder("job", 2)), files.folders());
        assertArrayEquals(BYTES, Files.readAllBytes(dir.resolve("job.2").resolve("video.mp4")));
        assertFalse(Files.exists(dir.resolve("job.2").resolve("scratch.bin")));
        assertEquals(List.of(), inParts());
    }

    @Test
    void whatIsNotPublishedGoes() throws IOException {
        try (ResultDraft draft = files.begin(CLAIM)) {
            write(draft, "video.mp4");
            assertThrows(NoSuchFileException.class, () -> draft.publish(List.of(entry("other.mp4"))));
        }
        assertEquals(List.of(), inParts());
        assertEquals(List.of(), files.folders());
    }

    @Test
    void nothingPublishedIsOverwritten() throws IOException {
        try (ResultDraft first = files.begin(CLAIM);
                ResultDraft second = files.begin(CLAIM)) {
            write(first, "video.mp4");
            write(second, "video.mp4");
            first.publish(List.of(entry("video.mp4")));
            assertThrows(IOException.class, () -> second.publish(List.of(entry("video.mp4"))));
            assertThrows(IllegalStateException.class, () -> first.publish(List.of()));
        }
        assertEquals(1, files.folders().size());
    }

    @Test
    void leftoversOfACrashAreRemovedAndThoseOfAnotherServerAreNot() throws IOException {
        ResultFiles other = new ResultFiles(dir, "other", 0);
        ResultDraft theirs = other.begin(CLAIM);
        write(theirs, "video.mp4");
        write(files.begin(CLAIM), "video.mp4");
        assertEquals(1, inParts().size());
        new ResultFiles(dir, "local", 0);
        assertEquals(List.of(), inParts());
        theirs.publish(List.of(entry("video.mp4")));
        assertEquals(1, files.folders().size());
    }

    @Test
    void namesAreOnesThatTheServerMakes() throws IOException {
        try (ResultDraft draft = files.begin(CLAIM)) {
            for (String name : List.of(
                    "", "..", "../x.mp4", "a/b.mp4", "/x.mp4", ".x.mp4", "x", "x.", "X.mp4", "x.mp4\0", "a b.c")) {
                assertThrows(IllegalArgumentException.class, () -> draft.path(name), name);
            }
        }
        for (String id : List.of("..", "../x", "a.1", "")) {
            assertThrows(IllegalArgumentException.class, () -> files.begin(new Claim(id, "local", 1)), id);
        }
        assertThrows(IllegalArgumentException.class, () -> files.begin(new Claim("a", "local", 0)));
    }

    @Test
    void linksAreNeitherReadNorFollowedWhenRemoving() throws IOException {
        Path outside = Files.createDirectory(dir.resolveSibling(dir.getFileName() + "-outside"));
        Files.write(outside.resolve("video.mp4"), BYTES);
        Files.createSymbolicLink(dir.resolve("job.1"), outside);
        Path inner = Files.createDirectory(dir.resolve("job.2"));
        Files.createSymbolicLink(inner.resolve("video.mp4"), outside.resolve("video.mp4"));
        Files.createSymbolicLink(inner.resolve("folder"), outside);
        ResultFile file = JobFixtures.file("video.mp4", ResultFile.Kind.VIDEO);
        for (int attempt : List.of(1, 2)) {
            assertTrue(files.path(JobFixtures.completed("job", attempt, file), file)
                    .isEmpty());
        }
        files.remove("job", 2);
        assertEquals(List.of(), files.folders());
        assertArrayEquals(BYTES, Files.readAllBytes(outside.resolve("video.mp4")));
    }

    @Test
    void aFullDiskIsARefusal() throws IOException {
        ResultFiles demanding = new ResultFiles(dir, "local", Long.MAX_VALUE);
        StoreRefused refused = assertThrows(StoreRefused.class, () -> demanding.begin(CLAIM));
        assertEquals(Reason.NO_SPACE, refused.reason());
        assertTrue(refused.getMessage().contains("tachyscope.jobs.min-free-space"), refused.getMessage());
    }

    @Test
    void aDiskThatFillsUpWhileWritingIsARefusal() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "only Linux has a device that is always full");
        try (OutputStream out = Files.newOutputStream(full, StandardOpenOption.WRITE);
                OutputStream checked = new ResultDraft.Checked(out)) {
            StoreRefused refused = assertThrows(StoreRefused.class, () -> checked.write(BYTES));
            assertEquals(Reason.NO_SPACE, refused.reason());
            assertThrows(StoreRefused.class, () -> checked.write(1));
        }
    }
}
