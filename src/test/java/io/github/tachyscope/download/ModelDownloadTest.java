package io.github.tachyscope.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.download.DownloadState.Phase;
import io.github.tachyscope.download.Failure.Kind;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.testkit.StandInHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelDownloadTest {
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

    @TempDir
    private Path directory;

    private Rig rig;
    private DownloadProgress progress;

    @BeforeEach
    void start() {
        rig = new Rig(directory);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private Optional<Failure> download(DownloadRequest request, String... settings) {
        progress = new DownloadProgress(request.id());
        return new ModelDownload(rig.parts(settings), request, progress).run();
    }

    private Failure failed(Kind kind, DownloadRequest request, String... settings) {
        Failure failure = download(request, settings).orElseThrow();
        assertEquals(kind, failure.kind(), failure.message());
        assertEquals(Phase.FAILED, progress.state().phase());
        return failure;
    }

    @Test
    void fetchesWhatAPipelineReadsAndNothingElse() throws Exception {
        assertEquals(Optional.empty(), download(Rig.all()));
        assertArrayEquals(Rig.UNET, Files.readAllBytes(rig.file(UNET)));
        try (Stream<Path> files = Files.walk(rig.models())) {
            assertEquals(
                    List.of("model_index.json", "unet/config.json", UNET, "vae/diffusion_pytorch_model.safetensors"),
                    files.filter(Files::isRegularFile)
                            .map(file -> rig.file("").relativize(file).toString())
                            .filter(name -> !name.startsWith("."))
                            .sorted()
                            .toList());
        }
        DownloadState state = progress.state();
        assertEquals(Phase.DONE, state.phase());
        assertEquals(4, state.filesDone());
        assertEquals(state.totalBytes(), state.bytes());
        assertTrue(rig.parts().models().present(Rig.REPOSITORY, List.of("unet/*", "model_index.json")));
        assertFalse(rig.parts().models().present(Rig.REPOSITORY, List.of("text_encoder/*")));
    }

    @Test
    void whatIsThereIsNotFetchedAgain() throws Exception {
        download(Rig.all());
        int before = rig.hub.requests().size();
        assertEquals(Optional.empty(), download(Rig.all()));
        assertEquals(before + 1, rig.hub.requests().size(), "the list of files");
        Files.write(rig.file(UNET), new byte[10]);
        assertFalse(rig.parts().models().present(Rig.REPOSITORY, List.of("unet/*.safetensors")));
        assertEquals(Optional.empty(), download(Rig.all()));
        assertArrayEquals(Rig.UNET, Files.readAllBytes(rig.file(UNET)));
    }

    @Test
    void aFileThatSomebodyPutThereIsTakenIfItIsTheRightOne() throws Exception {
        Files.createDirectories(rig.file("unet"));
        Files.write(rig.file(UNET), Rig.UNET);
        download(Rig.all());
        assertEquals(List.of(), rig.hub.requestsOf(UNET));
        byte[] other = Rig.UNET.clone();
        other[other.length - 1] ^= 1;
        Files.delete(rig.file(".tachyscope.json"));
        Files.write(rig.file(UNET), other);
        download(Rig.all());
        assertArrayEquals(Rig.UNET, Files.readAllBytes(rig.file(UNET)));
    }

    @Test
    void anotherProcessGoesOnWhereOneWasKilled() throws Exception {
        Path part = rig.file(".parts/" + UNET + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(Rig.UNET, 150_000));
        assertEquals(Optional.empty(), download(Rig.all()));
        assertEquals(
                Optional.of("bytes=150000-"), rig.hub.requestsOf(UNET).get(0).range());
        assertArrayEquals(Rig.UNET, Files.readAllBytes(rig.file(UNET)));
        assertFalse(Files.exists(rig.file(".parts")));
    }

    @Test
    void aBrokenConnectionKeepsThePartAndWhatIsWhole() throws Exception {
        rig.hub.next(UNET, new StandInHub.Cut(100_000));
        failed(Kind.REMOTE, Rig.all(), "tachyscope.models.parallel-files = 1");
        assertFalse(Files.exists(rig.file(UNET)));
        assertTrue(Files.exists(rig.file("unet/config.json")));
        assertFalse(rig.parts().models().present(Rig.REPOSITORY, List.of("unet/*")), "its weights are not there yet");
        assertTrue(Files.exists(rig.file(".parts/" + UNET + ".part")));
    }

    @Test
    void aWrongHashNeverGetsItsName() {
        rig.hub.next(UNET, new StandInHub.OtherBytes());
        failed(Kind.MISMATCH, Rig.all());
        assertFalse(Files.exists(rig.file(UNET)));
    }

    @Test
    void namesThatLeadOutOfTheFolderAreRefused() throws Exception {
        for (String evil :
                List.of("../../evil.json", "/etc/evil.json", "a/../../evil.json", "a\\..\\evil.json", ".x/y.json")) {
            try (Rig each = new Rig(directory.resolve(Integer.toHexString(evil.hashCode())))) {
                each.hub.list(evil);
                Failure failure = new ModelDownload(
                                each.parts(),
                                Rig.request("all", "*", "unet/*", "*/*", "*/*/*", "*/*/*/*"),
                                new DownloadProgress("x"))
                        .run()
                        .orElseThrow();
                assertTrue(failure.kind() == Kind.BAD_REQUEST || failure.kind() == Kind.MISSING, evil + " " + failure);
                try (Stream<Path> files = Files.walk(directory)) {
                    assertTrue(
                            files.noneMatch(
                                    file -> file.getFileName().toString().contains("evil")),
                            evil);
                }
            }
        }
    }

    @Test
    void picklesAreRefusedWithTheReason() {
        Failure failure = failed(Kind.BAD_REQUEST, Rig.request("x", "vae/diffusion_pytorch_model.bin"));
        assertTrue(failure.message().contains("run code"), failure.message());
        rig.hub.put("maker/old", "pytorch_model.bin", new byte[10]);
        failure = failed(
                Kind.MISSING, new DownloadRequest("y", List.of(new Source.Repository("maker/old", "main", List.of()))));
        assertTrue(failure.message().contains("safetensors"), failure.message());
    }

    @Test
    void whatIsNoSafetensorsFileIsRefused() {
        rig.hub.put(Rig.REPOSITORY, UNET, "<html>log in</html>".getBytes());
        Failure failure = failed(Kind.BAD_REQUEST, Rig.all());
        assertTrue(failure.message().contains("safetensors"), failure.message());
        assertFalse(Files.exists(rig.file(UNET)));
    }

    @Test
    void refusalsSayWhatToDoAboutTheToken() throws Exception {
        rig.hub.guard(Rig.REPOSITORY, "good");
        String none = failed(Kind.UNAUTHORIZED, Rig.all()).message();
        assertTrue(none.contains("HF_TOKEN") && none.contains("\"huggingface\""), none);
        String bad = failed(Kind.FORBIDDEN, Rig.all(), "tachyscope.credentials.hugging-face = bad-token")
                .message();
        assertTrue(bad.contains("Accept its terms") && !bad.contains("bad-token"), bad);
        String broken = failed(Kind.UNAUTHORIZED, Rig.all(), "tachyscope.credentials.hugging-face = \"two\\nlines\"")
                .message();
        assertTrue(!broken.contains("lines"), broken);
        new KeyStore(rig.home.resolve("keys.json")).put("huggingface", "good");
        assertEquals(Optional.empty(), download(Rig.all()), "the stored key");
        String missing = failed(
                        Kind.MISSING,
                        new DownloadRequest("n", List.of(new Source.Repository("no/body", "main", List.of()))))
                .message();
        assertTrue(missing.contains("no/body"), missing);
    }

    @Test
    void aFullDiskIsSeenBeforeAnythingIsFetched() {
        Failure failure = failed(Kind.NO_SPACE, Rig.all(), "tachyscope.models.min-free-space = 100000 TiB");
        assertTrue(failure.message().contains("min-free-space"), failure.message());
        assertEquals(List.of(), rig.hub.requestsOf(UNET));
    }

    @Test
    void offlineFetchesNothing() {
        Failure failure = failed(Kind.BAD_REQUEST, Rig.all(), "tachyscope.models.offline = true");
        assertTrue(failure.message().contains("tachyscope.models.offline"), failure.message());
        assertEquals(List.of(), rig.hub.requests());
    }

    @Test
    void twoProcessesDoNotWriteToOneFolder() throws Exception {
        try (var held = rig.parts().models().open(Rig.REPOSITORY)) {
            failed(Kind.EXISTS, Rig.all());
        }
        assertEquals(Optional.empty(), download(Rig.all()));
    }

    @Test
    void aSingleFileAtAnAddressGetsAFolderOfItsOwn() throws Exception {
        DownloadRequest request = new Requests(rig.parts().hub())
                .address(rig.hub.address() + "/" + Rig.REPOSITORY + "/" + UNET, Optional.empty());
        assertEquals(Optional.empty(), download(request));
        assertArrayEquals(
                Rig.UNET,
                Files.readAllBytes(
                        rig.models().resolve("single/diffusion_pytorch_model/diffusion_pytorch_model.safetensors")));
    }

    @Test
    void anAddressOfTheHubIsAFileOfItsRepository() throws Exception {
        DownloadRequest request = new Requests(rig.parts().hub())
                .address(rig.hub.address() + "/" + Rig.REPOSITORY + "/resolve/main/" + UNET, Optional.empty());
        assertEquals(List.of(new Source.Repository(Rig.REPOSITORY, "main", List.of(UNET))), request.sources());
        assertEquals(Optional.empty(), download(request));
        assertTrue(Files.exists(rig.file(UNET)));
        assertFalse(Files.exists(rig.file("unet/config.json")));
    }

    @Test
    void aFileOfAnyHostButThoseNamedIsRefused() throws Exception {
        try (StandInHub inside = StandInHub.serve(directory.resolve("inside")).put("a/b", "x.safetensors", Rig.UNET)) {
            Requests requests = new Requests(rig.parts().hub());
            failed(Kind.BAD_REQUEST, requests.address(inside.address() + "/a/b/x.safetensors", Optional.empty()));
            rig.hub.next(UNET, new StandInHub.Redirect(inside.address().resolve("/a/b/x.safetensors")));
            failed(Kind.BAD_REQUEST, Rig.all());
            assertEquals(List.of(), inside.requests());
        }
    }
}
