package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.testkit.PluginBuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars in the directory of plugins: sound ones, broken ones, and those whose code fails later. */
class PluginJarTest {
    private static final GenerationRequest VIDEO = new GenerationRequest(InputMode.VIDEO, Parameters.none());

    /** Reports the class loader of the thread by way of a message. */
    private static final String TELL_LOADER = "if (true) throw new PipelineLoadFailed("
            + "String.valueOf(Thread.currentThread().getContextClassLoader() == Probe.class.getClassLoader()));";

    private static final String MISSING = "if (true) throw new NoClassDefFoundError(\"gone/Away\");";

    private static final int SIDE = 64;
    private static final long SEED = 20_261_121;

    private static Map<String, byte[]> sound;

    @TempDir
    Path folder;

    private Optional<PipelineCatalog> opened = Optional.empty();

    @BeforeAll
    static void compile() throws IOException {
        sound = PluginBuild.provider("sound", Map.of());
    }

    @AfterEach
    void close() {
        opened.ifPresent(PipelineCatalog::close);
    }

    private PipelineCatalog discover() {
        return discover(Map.of());
    }

    private PipelineCatalog discover(Map<String, String> aliases) {
        PipelineCatalog catalog = PipelineCatalog.discover(settings(aliases, folder));
        opened = Optional.of(catalog);
        return catalog;
    }

    private static PipelineSettings settings(Map<String, String> aliases, Path plugins) {
        return new PipelineSettings(
                List.of(),
                aliases,
                Duration.ofMinutes(1),
                new PipelineSettings.Synthetic(2, Duration.ofMillis(1)),
                Optional.empty(),
                Optional.of(plugins),
                plugins.resolveSibling("models"),
                List.of());
    }

    private Path jar(String name) {
        return folder.resolve(name);
    }

    private static Map<String, byte[]> without(String entry) {
        Map<String, byte[]> rest = new TreeMap<>(sound);
        assertTrue(rest.remove(entry) != null, entry);
        return rest;
    }

    @Test
    void aJarIsListedWithItsPipelinesAndTheirAliases() throws Exception {
        PluginBuild.write(
                jar("a-1.0.jar"),
                Map.of(
                        "Tachyscope-Contract", "1",
                        "Implementation-Title", "alpha",
                        "Implementation-Version", "1.2",
                        "Implementation-Vendor", "somebody",
                        "Specification-Title", "Probes"),
                sound);
        PipelineCatalog catalog = discover(Map.of("longlive", "sound"));
        Plugins plugins = catalog.plugins();
        assertEquals(
                List.of(new Plugins.Plugin(
                        "alpha",
                        "1.2",
                        Optional.of("somebody"),
                        Optional.of("Probes"),
                        "a-1.0.jar",
                        List.of("sound", "longlive"))),
                plugins.loaded());
        assertEquals(List.of(), plugins.failed());
        assertEquals("alpha", plugins.of("longlive").orElseThrow().name());
        assertTrue(plugins.of("passthrough").isEmpty());
        assertEquals("sound probes", catalog.spec("sound").orElseThrow().description());
    }

    @Test
    void withoutANameAJarIsCalledAsItsFile() throws Exception {
        PluginBuild.write(jar("plain.jar"), sound);
        Plugins.Plugin plugin = discover().plugins().loaded().get(0);
        assertEquals("plain", plugin.name());
        assertEquals("unknown", plugin.version());
    }

    @Test
    void everythingBrokenIsNamedAndTheSoundOnesWork() throws Exception {
        Files.writeString(jar("a-no-zip.jar"), "this is no jar");
        Files.createDirectories(jar("a-folder.jar"));
        Files.writeString(jar("readme.txt"), "");
        PluginBuild.write(jar("b-no-contract.jar"), Map.of(), sound);
        PluginBuild.write(jar("c-other-contract.jar"), Map.of("Tachyscope-Contract", "99"), sound);
        PluginBuild.write(jar("d-no-provider.jar"), without(service()));
        PluginBuild.write(jar("e-no-class.jar"), without("probe/Probe.class"));
        Map<String, byte[]> foreign = new TreeMap<>(sound);
        foreign.put(service(), "probe.Probe$Run\nprobe.Probe\n".getBytes(StandardCharsets.UTF_8));
        PluginBuild.write(jar("f-half.jar"), foreign);
        PluginBuild.write(jar("g-again.jar"), sound);
        PluginBuild.write(
                jar("h-same-name.jar"), Map.of("Tachyscope-Contract", "1", "Implementation-Title", "f-half"), sound);

        PipelineCatalog catalog = discover();
        assertTrue(catalog.provider("passthrough").isPresent());
        assertEquals(
                List.of("f-half.jar"),
                catalog.plugins().loaded().stream().map(Plugins.Plugin::file).toList());
        Map<String, Plugins.Reason> reasons = catalog.plugins().failed().stream()
                .collect(Collectors.toMap(Plugins.Failure::file, Plugins.Failure::reason));
        assertEquals(
                Map.of(
                        "a-no-zip.jar", Plugins.Reason.UNREADABLE_JAR,
                        "b-no-contract.jar", Plugins.Reason.CONTRACT_MISMATCH,
                        "c-other-contract.jar", Plugins.Reason.CONTRACT_MISMATCH,
                        "d-no-provider.jar", Plugins.Reason.NO_PROVIDER,
                        "e-no-class.jar", Plugins.Reason.BROKEN_PROVIDER,
                        "f-half.jar", Plugins.Reason.BROKEN_PROVIDER,
                        "g-again.jar", Plugins.Reason.NAME_TAKEN,
                        "h-same-name.jar", Plugins.Reason.NAME_TAKEN),
                reasons);
        Map<String, String> messages = catalog.plugins().failed().stream()
                .collect(Collectors.toMap(Plugins.Failure::file, Plugins.Failure::message));
        assertTrue(messages.get("c-other-contract.jar").contains("contract 99"), messages::toString);
        assertTrue(messages.get("g-again.jar").contains("sound"), messages::toString);
        fitForClients(catalog.plugins());
    }

    private static String service() {
        return "META-INF/services/" + PipelineProvider.class.getName();
    }

    /** No folder of this machine, no exception, no line of a stack. */
    private void fitForClients(Plugins plugins) {
        for (Plugins.Failure failure : plugins.failed()) {
            String all = failure.toString();
            assertFalse(all.contains(folder.toString()) || all.contains("\n"), all);
            assertFalse(all.contains("Exception") || all.contains("Error:") || all.contains("/secret"), all);
        }
    }

    @Test
    void aProviderThatThrowsOrDescribesItselfBadlyIsNamed() throws Exception {
        Map<String, String> statements = Map.of(
                "static", "if (true) throw new IllegalStateException(\"/secret\");",
                "spec", "if (true) throw new UnsupportedOperationException(\"/secret\");",
                "spec.error", "if (true) throw new StackOverflowError(\"/secret\");",
                "spec.link", "if (true) throw new NoSuchMethodError(\"/secret\");",
                "spec.null", "if (true) return null;");
        for (Map.Entry<String, String> statement : statements.entrySet()) {
            String place = statement.getKey().split("\\.")[0];
            PluginBuild.write(
                    jar(statement.getKey() + ".jar"), PluginBuild.provider("x", Map.of(place, statement.getValue())));
        }
        PluginBuild.write(jar("id.jar"), PluginBuild.provider("../x", Map.of()));
        PluginBuild.write(jar("taken.jar"), PluginBuild.provider("passthrough", Map.of()));
        Plugins plugins = discover().plugins();
        assertEquals(List.of(), plugins.loaded());
        Map<String, Plugins.Failure> failures =
                plugins.failed().stream().collect(Collectors.toMap(Plugins.Failure::file, Function.identity()));
        assertEquals(statements.size() + 2, failures.size(), failures::toString);
        fitForClients(plugins);
        assertEquals(Plugins.Reason.NAME_TAKEN, failures.get("taken.jar").reason());
        assertEquals("probe.Probe", failures.get("taken.jar").provider());
        assertTrue(failures.get("id.jar").message().contains("pipeline id"), failures::toString);
        assertTrue(failures.get("spec.null.jar").message().contains("description"), failures::toString);
        assertTrue(failures.get("spec.link.jar").message().contains("compile"), failures::toString);
        assertEquals("probe.Probe", failures.get("static.jar").provider());
    }

    @Test
    void pluginsDoNotSeeEachOthersClasses() throws Exception {
        PluginBuild.write(jar("a.jar"), sound);
        PluginBuild.write(jar("b.jar"), PluginBuild.provider("other", Map.of()));
        PipelineCatalog catalog = discover();
        assertEquals(2, catalog.plugins().loaded().size(), catalog.plugins()::toString);
        assertEquals("sound probes", catalog.spec("sound").orElseThrow().description());
        assertEquals("other probes", catalog.spec("other").orElseThrow().description());
    }

    @Test
    void anErrorOfItsCodeIsAnExceptionForTheServer() throws Exception {
        Map<String, String> broken = new HashMap<>(Map.of("open", MISSING));
        PluginBuild.write(jar("open.jar"), PluginBuild.provider("open", broken));
        PluginBuild.write(jar("next.jar"), PluginBuild.provider("next", Map.of("next", MISSING, "run", MISSING)));
        PluginBuild.write(jar("load.jar"), PluginBuild.provider("load", Map.of("load", MISSING)));
        PipelineCatalog catalog = discover();
        PipelineProvider.PipelineLoadFailed failed =
                assertThrows(PipelineProvider.PipelineLoadFailed.class, () -> load(catalog, "load"));
        assertTrue(failed.getMessage().contains("plugin load"), failed.getMessage());
        assertFalse(failed.getMessage().contains("gone"), failed.getMessage());
        Pipeline open = load(catalog, "open");
        assertThrows(PluginDoor.Broken.class, () -> open.open(VIDEO));
        Pipeline next = load(catalog, "next");
        Generation run = next.open(VIDEO);
        assertThrows(PluginDoor.Broken.class, () -> run.next(Lane.DENOISE));
        assertThrows(PluginDoor.Broken.class, () -> next.run(Lane.DENOISE, List.of(run)));
        run.close();
    }

    private static Pipeline load(PipelineCatalog catalog, String id) {
        return catalog.provider(id).orElseThrow().load(Parameters.none(), Placement.CPU, stage -> {});
    }

    @Test
    void lackOfMemoryStaysWhatItIs() throws Exception {
        PluginBuild.write(
                jar("a.jar"),
                PluginBuild.provider("a", Map.of("open", "if (true) throw new OutOfMemoryError(\"heap\");")));
        Pipeline pipeline = load(discover(), "a");
        assertThrows(OutOfMemoryError.class, () -> pipeline.open(VIDEO));
    }

    @Test
    void theThreadsClassLoaderIsThePluginsWhileItsCodeRuns() throws Exception {
        PluginBuild.write(jar("a.jar"), PluginBuild.provider("a", Map.of("load", TELL_LOADER)));
        PipelineCatalog catalog = discover();
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        PipelineProvider.PipelineLoadFailed told =
                assertThrows(PipelineProvider.PipelineLoadFailed.class, () -> load(catalog, "a"));
        assertEquals("true", told.getMessage());
        assertEquals(before, Thread.currentThread().getContextClassLoader());
    }

    @Test
    void theExampleMirrorsThePictureAroundItsMiddle() throws Exception {
        PluginBuild.example(folder);
        Pipeline pipeline = load(discover(), "kaleidoscope");
        Generation run = pipeline.open(
                new GenerationRequest(InputMode.VIDEO, Parameters.of(Map.of("segments", IntNode.valueOf(2)))));
        byte[] noise = new byte[PixelFormat.I420.bytes(SIDE, SIDE)];
        new Random(SEED).nextBytes(noise);
        byte[] before = noise.clone();
        run.demand();
        run.feed(List.of(VideoFrame.of(PixelFormat.I420, SIDE, SIDE, noise, 40_000)));
        NextStep next = run.next(Lane.DENOISE);
        assertTrue(next instanceof NextStep.StepPlan, next::toString);
        StepResult result = pipeline.run(Lane.DENOISE, List.of(run)).get(0);
        VideoFrame output = result.frames().get(0);
        byte[] picture = output.data();
        run.commit(result);
        assertEquals(40_000, output.ptsMicros());
        assertArrayEquals(before, noise);
        for (int y = 0; y < SIDE / 2; y++) {
            for (int x = 0; x < SIDE / 2; x++) {
                byte corner = noise[(SIDE - 1 - y) * SIDE + SIDE - 1 - x];
                String at = "seed " + SEED + " at " + x + ", " + y;
                assertEquals(corner, picture[y * SIDE + x], at);
                assertEquals(corner, picture[y * SIDE + SIDE - 1 - x], at);
                assertEquals(corner, picture[(SIDE - 1 - y) * SIDE + x], at);
            }
        }
        assertEquals(NextStep.NeedsDemand.INSTANCE, run.next(Lane.DENOISE));
        run.close();
    }

    @Test
    void aFolderThatIsNotThereHoldsNothingAndAFileIsRefused() throws Exception {
        assertEquals(
                Plugins.NONE,
                PipelineCatalog.discover(settings(Map.of(), folder.resolve("none")))
                        .plugins());
        Path file = Files.writeString(jar("file"), "");
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> PipelineCatalog.discover(settings(Map.of(), file)));
        assertTrue(refused.getMessage().contains("plugins-dir"), refused.getMessage());
        for (int i = 0; i <= 100; i++) {
            Files.writeString(jar(i + ".jar"), "");
        }
        assertThrows(IllegalArgumentException.class, this::discover);
    }
}
