package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.store.ResultLabel.Filed;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaFoldersTest {
    private static final PictureSize SIZE = new PictureSize(480, 320);
    private static final Claim CLAIM = new Claim("job-1", "local", 1);
    private static final long LARGE = 1 << 20;

    @TempDir
    Path dir;

    private Path media;
    private MediaFolders folders;

    @BeforeEach
    void open() throws IOException {
        media = dir.toRealPath().resolve("media");
        folders = MediaFolders.open(media, "local", 0, new JobFixtures.StillClock());
    }

    private static Filing filing(String prefix) {
        return new Filing(MediaFolder.OUTPUT, prefix, Map.of("seed", "7"));
    }

    private Path source(String name) throws IOException {
        return Files.writeString(dir.resolve(name), "bytes of " + name);
    }

    private List<Filed> file(Filing filing, int count) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sources.add(source("frame-" + i + ".png"));
        }
        return folders.file(CLAIM, filing, SIZE, sources);
    }

    private static List<String> names(List<Filed> filed) {
        return filed.stream().map(Filed::name).toList();
    }

    @Test
    void countersGoOnFromTheHighestThatIsThere() throws IOException {
        assertEquals(
                IntStream.rangeClosed(1, 33)
                        .mapToObj("OpenWebUI_video_%05d_.png"::formatted)
                        .toList(),
                names(file(filing("OpenWebUI_video"), 33)));
        Files.writeString(media.resolve("output/OpenWebUI_video_00050_.webm"), "");
        Files.writeString(media.resolve("output/OpenWebUI_video_more_00090_.png"), "");
        Files.writeString(media.resolve("output/OpenWebUI_video_123456_.png"), "");
        Files.delete(media.resolve("output/OpenWebUI_video_00002_.png"));
        assertEquals(
                List.of("OpenWebUI_video_123457_.png", "OpenWebUI_video_123458_.png"),
                names(file(filing("OpenWebUI_video"), 2)));
        assertEquals("bytes of frame-1.png", Files.readString(media.resolve("output/OpenWebUI_video_123458_.png")));
    }

    @Test
    void prefixesHaveSubfoldersAndVariables() throws IOException {
        assertEquals(
                List.of(
                        new Filed(MediaFolder.OUTPUT, "video/2023/11-14", "480x320_7_%cfg%_22.13.20_0_00001_.png"),
                        new Filed(MediaFolder.OUTPUT, "video/2023/11-14", "480x320_7_%cfg%_22.13.20_1_00002_.png")),
                file(
                        filing("video//%year%/%month%-%day%/%width%x%height%_%seed%_%cfg%_%hour%.%minute%.%second%"
                                + "_%batch_num%"),
                        2));
        assertEquals(
                List.of("480x320_7_%cfg%_22.13.20_0_00003_.png"),
                names(file(
                        filing("video/2023/11-14/%width%x%height%_%seed%_%cfg%_%hour%.%minute%.%second%_%batch_num%"),
                        1)));
        assertEquals(List.of(new Filed(MediaFolder.OUTPUT, "", "video_00001_.png")), file(filing("video/"), 1));
    }

    @Test
    void temporaryNamesHaveFiveLettersAndGoWithTheNextStart() throws IOException {
        Filed filed = file(new Filing(MediaFolder.TEMP, "ComfyUI", Map.of()), 1).get(0);
        assertTrue(filed.name().matches("ComfyUI_temp_[a-z]{5}_00001_\\.png"), filed::toString);
        assertTrue(Files.exists(media.resolve("temp").resolve(filed.name())));
        file(filing("kept"), 1);
        MediaFolders.open(media, "local", 0, new JobFixtures.StillClock());
        assertEquals(List.of(), folders.names(MediaFolder.TEMP));
        assertEquals(List.of("kept_00001_.png"), folders.names(MediaFolder.OUTPUT));
    }

    @Test
    void prefixesThatLeaveTheFolderAreRefusedAndMakeNothing() throws IOException {
        List<String> leading = List.of("../out", "a/../../out", "/etc/out", "..", "a/..", "x/../../media/output2/y");
        for (String prefix : leading) {
            assertThrows(StoreRefused.class, () -> folders.check(filing(prefix)), prefix);
            assertThrows(StoreRefused.class, () -> file(filing(prefix), 1), prefix);
        }
        for (String prefix : List.of(".hidden", "a/.b/c", "a\\b", "a\0b", "a\nb", "x".repeat(250))) {
            assertThrows(StoreRefused.class, () -> folders.check(filing(prefix)), prefix);
            assertThrows(StoreRefused.class, () -> file(filing(prefix), 1), prefix);
        }
        Filing smuggled = new Filing(MediaFolder.OUTPUT, "%seed%/x", Map.of("seed", "../../.."));
        assertThrows(StoreRefused.class, () -> file(smuggled, 1));
        Files.createSymbolicLink(media.resolve("output/link"), dir);
        assertThrows(StoreRefused.class, () -> file(filing("link/x"), 1));
        Files.delete(media.resolve("output/link"));
        try (var files = Files.walk(media)) {
            assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
        }
    }

    @Test
    void manyAtOnceNeverTakeTheSameName() throws Exception {
        Path other = dir.toRealPath().resolve("media");
        MediaFolders second = MediaFolders.open(other, "second", 0, new JobFixtures.StillClock());
        Path file = source("a.png");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<List<Filed>>> work = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                MediaFolders either = i % 2 == 0 ? folders : second;
                Claim claim = new Claim("job-" + i, i % 2 == 0 ? "local" : "second", 1);
                work.add(() -> either.file(claim, filing("same"), SIZE, List.of(file, file, file)));
            }
            Set<String> names = new HashSet<>();
            for (Future<List<Filed>> done : threads.invokeAll(work)) {
                List<String> made = names(done.get());
                names.addAll(made);
                int first = Integer.parseInt(made.get(0).substring(5, 10));
                assertEquals("same_%05d_.png".formatted(first + 2), made.get(2), "consecutive");
            }
            assertEquals(120, names.size());
            assertEquals(120, folders.names(MediaFolder.OUTPUT).size());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatIsTakenBackGoesAndNothingElse() throws IOException {
        file(filing("a"), 2);
        file(filing("sub/b"), 1);
        Claim other = new Claim("job-2", "local", 1);
        folders.file(other, filing("a"), SIZE, List.of(source("z.png")));
        // Somebody else has replaced one of the files.
        Files.delete(media.resolve("output/a_00002_.png"));
        Files.writeString(media.resolve("output/a_00002_.png"), "of somebody else");
        folders.takeBack(CLAIM);
        folders.takeBack(CLAIM);
        assertEquals(List.of("a_00002_.png", "a_00003_.png"), folders.names(MediaFolder.OUTPUT));
        folders.settle(other);
        folders.takeBack(other);
        assertEquals(List.of("a_00002_.png", "a_00003_.png"), folders.names(MediaFolder.OUTPUT));
    }

    @Test
    void anotherStartTakesBackWhatDidNotCompleteItsJob() throws IOException {
        file(filing("lost"), 2);
        Claim done = new Claim("job-2", "local", 3);
        folders.file(done, filing("done"), SIZE, List.of(source("z.png")));
        MediaFolders again = MediaFolders.open(media, "local", 0, new JobFixtures.StillClock());
        again.recover(done::equals);
        assertEquals(List.of("done_00001_.png"), again.names(MediaFolder.OUTPUT));
        again.recover(claim -> false);
        assertEquals(List.of("done_00001_.png"), again.names(MediaFolder.OUTPUT));
    }

    @Test
    void aCopyOnAnotherDiskIsTakenBackToo() throws IOException {
        Path memory = Path.of("/dev/shm");
        if (!Files.isWritable(memory) || Files.getFileStore(memory).equals(Files.getFileStore(dir))) {
            return;
        }
        Path source = Files.writeString(Files.createTempFile(memory, "tachyscope", ".png"), "far away");
        try {
            Filed filed =
                    folders.file(CLAIM, filing("far"), SIZE, List.of(source)).get(0);
            Path copy = folders.find(MediaFolder.OUTPUT, "", filed.name());
            assertEquals("far away", Files.readString(copy));
            assertEquals(Files.getPosixFilePermissions(source("near.png")), Files.getPosixFilePermissions(copy));
            folders.takeBack(CLAIM);
            assertFalse(Files.exists(copy));
        } finally {
            Files.delete(source);
        }
    }

    @Test
    void filesAreFoundByWhatClientsSay() throws IOException {
        file(filing("sub/a"), 1);
        Path made = media.resolve("output/sub/a_00001_.png");
        assertEquals(made, folders.find(MediaFolder.OUTPUT, "sub", "a_00001_.png"));
        assertEquals(made, folders.find(MediaFolder.INPUT, "sub/", "x/a_00001_.png [output]"));
        Path sent = Files.writeString(media.resolve("input/cat.png"), "cat");
        assertEquals(sent, folders.find(MediaFolder.OUTPUT, "", "cat.png [input]"));
        Files.createSymbolicLink(media.resolve("output/link.png"), source("secret.png"));
        Files.createSymbolicLink(media.resolve("output/inside.png"), made);
        assertEquals(made, folders.find(MediaFolder.OUTPUT, "", "inside.png"));

        assertEquals(Reason.MISSING, refused("", "cat.png"));
        assertEquals(Reason.MISSING, refused("", "sub"));
        assertEquals(Reason.MISSING, refused("nowhere", "a_00001_.png"));
        assertEquals(Reason.MISSING, refused("", ".filing"));
        assertEquals(Reason.BAD_NAME, refused("", ""));
        assertEquals(Reason.BAD_NAME, refused("", " [output]"));
        for (String name : List.of("/etc/passwd", "..", "../input/cat.png", "a..png", "../../x [input]")) {
            assertEquals(Reason.BAD_NAME, refused("", name), name);
        }
        for (String subfolder : List.of("..", "../input", "sub/../..", "/etc", "../output2", "sub/../../input")) {
            assertEquals(Reason.OUTSIDE, refused(subfolder, "cat.png"), subfolder);
        }
        assertEquals(Reason.OUTSIDE, refused("", "link.png"));
        for (String odd : List.of("a\0b", "a\nb", "..\\cat.png".replace("..", "x"), "%2e%2e", "x".repeat(300))) {
            assertEquals(Reason.MISSING, refused("", odd), odd);
        }
    }

    private Reason refused(String subfolder, String name) {
        return assertThrows(StoreRefused.class, () -> folders.find(MediaFolder.OUTPUT, subfolder, name), name)
                .reason();
    }

    private String upload(String name, String bytes, boolean overwrite) throws IOException {
        MediaUpload upload = folders.receive(MediaFolder.INPUT, "pets", name, overwrite, LARGE);
        upload.grow(bytes.length());
        Files.writeString(upload.part(), bytes, StandardCharsets.UTF_8);
        Filed filed = upload.commit();
        assertEquals("pets", filed.subfolder());
        assertEquals(bytes, Files.readString(folders.find(filed.folder(), filed.subfolder(), filed.name())));
        return filed.name();
    }

    @Test
    void uploadsOfOneNameAreKeptApartByTheirBytes() throws IOException {
        assertEquals("cat.PNG", upload("cat.PNG", "one", false));
        assertEquals("cat (1).PNG", upload("cat.PNG", "two", false));
        assertEquals("cat (2).PNG", upload("cat.PNG", "three", false));
        assertEquals("cat.PNG", upload("cat.PNG", "one", false));
        assertEquals("cat (1).PNG", upload("cat.PNG", "two", false));
        assertEquals("cat.PNG", upload("cat.PNG", "four", true));
        assertEquals("noextension", upload("noextension", "one", false));
        assertEquals("noextension (1)", upload("noextension", "two", false));
        assertEquals(5, folders.names(MediaFolder.INPUT).size());
    }

    @Test
    void uploadsThatAreTooLargeOrLeadOutLeaveNothing() throws IOException {
        MediaUpload upload = folders.receive(MediaFolder.INPUT, "", "cat.png", false, 5);
        upload.grow(5);
        Files.writeString(upload.part(), "12345");
        assertEquals(
                Reason.TOO_LARGE,
                assertThrows(StoreRefused.class, () -> upload.grow(1)).reason());
        upload.abort();
        upload.abort();
        for (String name : List.of("", "a/b.png", ".hidden", "a\\b.png", "a\0.png", "../cat.png")) {
            assertEquals(
                    Reason.BAD_NAME,
                    assertThrows(
                                    StoreRefused.class,
                                    () -> folders.receive(MediaFolder.INPUT, "", name, false, LARGE),
                                    name)
                            .reason());
        }
        for (String subfolder : List.of("..", "/etc", "../output", "a/../..")) {
            assertEquals(
                    Reason.OUTSIDE,
                    assertThrows(
                                    StoreRefused.class,
                                    () -> folders.receive(MediaFolder.INPUT, subfolder, "cat.png", false, LARGE),
                                    subfolder)
                            .reason());
        }
        MediaFolders full = MediaFolders.open(media, "full", Long.MAX_VALUE / 2, new JobFixtures.StillClock());
        assertEquals(
                Reason.NO_SPACE,
                assertThrows(StoreRefused.class, () -> full.receive(MediaFolder.INPUT, "", "a.png", false, LARGE))
                        .reason());
        try (var files = Files.walk(media)) {
            assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
        }
    }

    @Test
    void labelsComeBackFromTheirText() {
        for (ResultLabel label : List.of(
                ResultLabel.NONE,
                new ResultLabel("9", Optional.empty()),
                new ResultLabel("a \"node\"", Optional.of(new Filed(MediaFolder.TEMP, "a/b", "c_00001_.png"))))) {
            assertEquals(label, ResultLabel.of(file(label.text())));
        }
        assertEquals("node 7", ResultLabel.of(file("node 7")).source());
        assertEquals("7", ResultLabel.of(file("7")).source());
    }

    private static ResultFile file(String label) {
        return new ResultFile("a.png", ResultFile.Kind.FRAME, "image/png", 1, "", label);
    }
}
