package io.github.tachyscope.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.download.DownloadState.Phase;
import io.github.tachyscope.download.LoraOrder.Wishes;
import io.github.tachyscope.fetch.Checksum;
import io.github.tachyscope.store.LoraFile;
import io.github.tachyscope.testkit.StandInHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class ModelDownloadsTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";
    private static final byte[] INK = StandInHub.safetensors(5_000);

    @TempDir
    private Path directory;

    private Rig rig;
    private ActorRef<ModelDownloads.Command> downloads;

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @BeforeEach
    void start() {
        rig = new Rig(directory);
        rig.hub.put("maker/ink", "ink.safetensors", INK);
        downloads = spawn();
    }

    @AfterEach
    void stop() {
        KIT.stop(downloads);
        rig.close();
    }

    /** What a process that starts now has. */
    private ActorRef<ModelDownloads.Command> spawn() {
        return KIT.spawn(ModelDownloads.create(rig.parts(), 2, true));
    }

    private ModelDownloads.StartReply begin(DownloadRequest request) {
        TestProbe<ModelDownloads.StartReply> probe = KIT.createTestProbe();
        downloads.tell(new ModelDownloads.Start(request, probe.getRef()));
        return probe.receiveMessage(PATIENCE);
    }

    private List<DownloadState> list() {
        TestProbe<ModelDownloads.Listing> probe = KIT.createTestProbe();
        downloads.tell(new ModelDownloads.Describe(probe.getRef()));
        return probe.receiveMessage(PATIENCE).downloads();
    }

    private DownloadState await(String id, Predicate<DownloadState> wanted) {
        return KIT.createTestProbe().awaitAssert(PATIENCE, () -> {
            DownloadState state = list().stream()
                    .filter(each -> each.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(id + " is not listed"));
            assertTrue(wanted.test(state), state.toString());
            return state;
        });
    }

    private ModelDownloads.CancelReply cancel(String id) {
        TestProbe<ModelDownloads.CancelReply> probe = KIT.createTestProbe();
        downloads.tell(new ModelDownloads.Cancel(id, probe.getRef()));
        return probe.receiveMessage(PATIENCE);
    }

    private Failure refused(DownloadRequest request) {
        return assertInstanceOf(ModelDownloads.Refused.class, begin(request)).failure();
    }

    @Test
    void runsToTheEndAndIsRememberedAsDone() throws Exception {
        assertEquals(ModelDownloads.Started.INSTANCE, begin(Rig.all()));
        DownloadState done = await("all", state -> state.phase() == Phase.DONE);
        assertEquals(100, done.percent());
        assertEquals(1, list().size());
        assertTrue(rig.parts().models().underWay().all().isEmpty());
    }

    @Test
    void oneAtATimeOfEachIdAndRepository() {
        rig.hub.next(UNET, new StandInHub.Stall(1000));
        begin(Rig.all());
        await("all", state -> state.bytes() > 0);
        assertEquals(Failure.Kind.EXISTS, refused(Rig.all()).kind());
        assertEquals(Failure.Kind.EXISTS, refused(Rig.request("other name")).kind());
        assertEquals(ModelDownloads.CancelReply.CANCELLED, cancel("all"));
        await("all", state -> state.phase() == Phase.CANCELLED);
        assertEquals(ModelDownloads.CancelReply.NOT_RUNNING, cancel("all"));
        begin(Rig.all());
        await("all", state -> state.phase() == Phase.DONE);
    }

    @Test
    void oneMoreThanThereMayBeIsRefused() {
        for (String name : List.of("one", "two", "three")) {
            rig.hub.put("m/" + name, name + ".safetensors", INK);
            rig.hub.next(name + ".safetensors", new StandInHub.Stall(10));
        }
        begin(repository("m/one"));
        begin(repository("m/two"));
        assertEquals(Failure.Kind.BUSY, refused(repository("m/three")).kind());
    }

    private static DownloadRequest repository(String name) {
        return new DownloadRequest(name, List.of(new Source.Repository(name, "main", List.of())));
    }

    @Test
    void theNextProcessGoesOnWithWhatWasUnderWay() throws Exception {
        rig.hub.next(UNET, new StandInHub.Stall(100_000));
        begin(Rig.all());
        await("all", state -> Files.exists(rig.file(".parts/" + UNET + ".part")) && state.bytes() > 60_000);
        KIT.stop(downloads);
        assertEquals(
                List.of("all"),
                List.copyOf(rig.parts().models().underWay().all().keySet()));
        // The thread of the old process lets go of the folder a moment after its actor.
        KIT.createTestProbe().awaitAssert(PATIENCE, () -> {
            rig.parts().models().open(Rig.REPOSITORY).close();
            return true;
        });
        downloads = spawn();
        await("all", state -> state.phase() == Phase.DONE);
        assertArrayEquals(Rig.UNET, Files.readAllBytes(rig.file(UNET)));
        List<StandInHub.Request> requests = rig.hub.requestsOf(UNET);
        assertEquals(2, requests.size());
        assertTrue(requests.get(1).range().isPresent(), "goes on where the first ended");
    }

    @Test
    void whatFailedOrWasCancelledIsNotBegunAgain() throws Exception {
        rig.hub.next(UNET, new StandInHub.Status(404, ""));
        begin(Rig.all());
        DownloadState failed = await("all", state -> state.phase() == Phase.FAILED);
        assertTrue(
                failed.error().orElseThrow().contains(Rig.REPOSITORY),
                failed.error().toString());
        assertTrue(rig.parts().models().underWay().all().isEmpty());
    }

    private ModelDownloads.LoraReply install(LoraOrder order) {
        TestProbe<ModelDownloads.LoraReply> probe = KIT.createTestProbe();
        downloads.tell(new ModelDownloads.InstallLora(order, probe.getRef()));
        return probe.receiveMessage(PATIENCE);
    }

    private LoraFile installed(LoraOrder order) {
        ModelDownloads.LoraReply reply = install(order);
        return assertInstanceOf(ModelDownloads.Installed.class, reply, reply.toString())
                .file();
    }

    private Failure refused(Failure.Kind kind, LoraOrder order) {
        ModelDownloads.LoraReply reply = install(order);
        Failure failure = assertInstanceOf(ModelDownloads.Refused.class, reply).failure();
        assertEquals(kind, failure.kind(), failure.message());
        return failure;
    }

    private static Wishes wishes(Optional<String> folder, Optional<String> sha256) {
        return new Wishes(Optional.empty(), folder, sha256.flatMap(Checksum::sha256), Optional.empty());
    }

    private static final Wishes NO_WISHES = wishes(Optional.empty(), Optional.empty());

    private LoraOrder at(String path) {
        return new LoraOrder.AtAddress(rig.hub.address() + path, NO_WISHES);
    }

    @Test
    void installsALoraWithItsChecksumAndWhereItCameFrom() throws Exception {
        LoraFile file = installed(new LoraOrder.OnHub(
                "maker/ink", "ink.safetensors", wishes(Optional.of("styles"), Optional.of(StandInHub.sha256(INK)))));
        assertArrayEquals(INK, Files.readAllBytes(file.path()));
        assertEquals("styles", file.folder());
        assertEquals(Optional.of(StandInHub.sha256(INK)), file.sha256());
        assertEquals(
                "maker/ink", file.provenance().orElseThrow().path("repo_id").asText());
        assertEquals(List.of(file), rig.parts().loras().list());
        refused(
                Failure.Kind.EXISTS,
                new LoraOrder.OnHub("maker/ink", "ink.safetensors", wishes(Optional.of("styles"), Optional.empty())));
    }

    @Test
    void installsTheFileAtAnAddressOfTheHub() {
        assertEquals(
                "ink", installed(at("/maker/ink/resolve/main/ink.safetensors")).name());
    }

    @Test
    void pagesPicklesAndWaysOutAreRefused() {
        assertTrue(refused(Failure.Kind.BAD_REQUEST, at("/maker/ink/blob/main/ink.safetensors"))
                .message()
                .contains("/resolve/"));
        refused(Failure.Kind.BAD_REQUEST, at("/maker/ink"));
        refused(Failure.Kind.BAD_REQUEST, new LoraOrder.AtAddress("https://example.invalid/x.safetensors", NO_WISHES));
        refused(Failure.Kind.BAD_REQUEST, new LoraOrder.AtAddress("no address", NO_WISHES));
        rig.hub.put("maker/ink", "ink.pt", INK);
        refused(Failure.Kind.BAD_REQUEST, new LoraOrder.OnHub("maker/ink", "ink.pt", NO_WISHES));
        refused(
                Failure.Kind.BAD_REQUEST,
                new LoraOrder.OnHub("maker/ink", "ink.safetensors", wishes(Optional.of("../.."), Optional.empty())));
        refused(Failure.Kind.MISSING, new LoraOrder.OnHub("maker/ink", "gone.safetensors", NO_WISHES));
        assertTrue(rig.parts().loras().list().isEmpty());
    }

    @Test
    void aLoraWithAnotherChecksumIsNotInstalled() {
        refused(
                Failure.Kind.MISMATCH,
                new LoraOrder.OnHub(
                        "maker/ink", "ink.safetensors", wishes(Optional.empty(), Optional.of("0".repeat(64)))));
        assertTrue(rig.parts().loras().list().isEmpty());
    }

    @Test
    void installsTheNewestVersionFromCivitai() throws Exception {
        String version = "{\"id\":77,\"modelId\":7,\"files\":[{\"name\":\"x.zip\"},{\"name\":\"brush.safetensors\","
                + "\"primary\":true,\"hashes\":{\"SHA256\":\""
                + StandInHub.sha256(INK).toUpperCase() + "\"}}]}";
        serve("api/v1/models/7", "{\"id\":7,\"modelVersions\":[" + version + "]}");
        serve("api/v1/model-versions/77", version);
        Files.createDirectories(directory.resolve("hub/api/download/models"));
        Files.write(directory.resolve("hub/api/download/models/77"), INK);
        LoraFile file = installed(new LoraOrder.NewestOnCivitai("7", NO_WISHES));
        assertEquals("brush", file.name());
        assertEquals("77", file.provenance().orElseThrow().path("version_id").asText());
        rig.parts().loras().delete("brush");
        assertEquals(
                "brush",
                installed(new LoraOrder.VersionOnCivitai("77", NO_WISHES)).name());
        assertFalse(rig.parts().loras().list().isEmpty());
    }

    private void serve(String path, String text) throws Exception {
        Path file = directory.resolve("hub").resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
