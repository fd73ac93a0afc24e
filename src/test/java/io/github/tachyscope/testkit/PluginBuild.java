package io.github.tachyscope.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Makes plugin jars with the compiler of the running JDK: of the example project, and of sources in texts. */
public final class PluginBuild {
    private static final String SERVICE = "META-INF/services/io.github.tachyscope.diffusion.PipelineProvider";
    private static final Path EXAMPLE = Path.of("src", "test", "plugin-example");

    /**
     * A provider with one pipeline, one picture per step, that hands its input on. The comments are places for
     * statements, see {@link #provider}.
     */
    private static final String PROVIDER = """
            package probe;

            import io.github.tachyscope.diffusion.*;
            import io.github.tachyscope.frame.VideoFrame;
            import io.github.tachyscope.tensor.Placement;
            import java.util.*;

            public class Probe implements PipelineProvider {
                static { /*static*/ }

                public PipelineSpec spec() {
                    /*spec*/
                    ModeDefaults video = new ModeDefaults(
                            64, 64, ChunkGeometry.FRAME_WISE, List.of(), Optional.empty(), Optional.empty());
                    return new PipelineSpec("$id", "Probe", "$id probes", "1", Map.of(InputMode.VIDEO, video),
                            InputMode.VIDEO, Set.of(), new ParameterSchema(List.of()), 1, 0, 0, Optional.empty(),
                            false, 1, 16, 2048);
                }

                public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
                    /*load*/
                    return new Loaded(spec());
                }

                record Loaded(PipelineSpec spec) implements Pipeline {
                    public Generation open(GenerationRequest request) {
                        /*open*/
                        return new Run();
                    }

                    public List<StepResult> run(Lane lane, List<Generation> batch) {
                        /*run*/
                        return List.of(new Same(((Run) batch.get(0)).progress.input().get(0).retain()));
                    }

                    public void close() {}
                }

                record Same(VideoFrame frame) implements StepResult {
                    public List<VideoFrame> frames() { return List.of(frame); }
                }

                static class Run implements Generation {
                    static final BatchKey KEY = new BatchKey("$id", StepKind.DENOISE, "");
                    final ChunkProgress progress = new ChunkProgress(ChunkGeometry.FRAME_WISE);

                    public NextStep next(Lane lane) {
                        /*next*/
                        return !progress.begun() ? progress.idle() : lane == Lane.DENOISE
                                ? new NextStep.StepPlan(KEY, progress.chunkIndex(), 0, 0, 1) : NextStep.Waits.INSTANCE;
                    }

                    public void feed(List<VideoFrame> frames) { progress.feed(frames); progress.begin(); }
                    public void demand() { progress.demand(); progress.begin(); }
                    public void patch(Parameters patch) {}
                    public void commit(StepResult result) {
                        /*commit*/
                        progress.chunkDone();
                        progress.begin();
                    }
                    public void dropChunk() { progress.drop(); }
                    public void close() { progress.drop(); }
                }
            }
            """;

    private PluginBuild() {}

    /** The example as {@code kaleidoscope.jar} in {@code folder}, with the manifest that its own build gives it. */
    public static Path example(Path folder) throws IOException {
        Path sources = EXAMPLE.resolve(Path.of("src", "main", "java"));
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                texts.put(sources.relativize(file).toString().replace('\\', '/'), Files.readString(file));
            }
        }
        Path jar = folder.resolve("kaleidoscope.jar");
        String services = Files.readString(
                EXAMPLE.resolve(Path.of("src", "main", "resources")).resolve(SERVICE));
        Map<String, byte[]> entries = compile(texts);
        entries.put(SERVICE, services.getBytes(StandardCharsets.UTF_8));
        return write(jar, manifestOfTheExample(), entries);
    }

    private static Map<String, String> manifestOfTheExample() throws IOException {
        String pom = Files.readString(EXAMPLE.resolve("pom.xml"));
        Map<String, String> manifest = new TreeMap<>();
        Matcher entry = Pattern.compile("<([\\w-]+)>([^<]*)</\\1>")
                .matcher(pom.substring(pom.indexOf("<manifestEntries>"), pom.indexOf("</manifestEntries>")));
        while (entry.find()) {
            manifest.put(
                    entry.group(1),
                    entry.group(2)
                            .replace("${project.artifactId}", first(pom, "artifactId"))
                            .replace("${project.version}", first(pom, "version")));
        }
        return manifest;
    }

    private static String first(String pom, String element) {
        Matcher found = Pattern.compile("<" + element + ">([^<]*)<").matcher(pom);
        if (!found.find()) {
            throw new AssertionError("no " + element + " in the example's pom.xml");
        }
        return found.group(1);
    }

    /**
     * The classes of a provider {@code probe.Probe} with one pipeline.
     *
     * @param statements by place: static, spec, load, open, run, next or commit
     */
    public static Map<String, byte[]> provider(String id, Map<String, String> statements) throws IOException {
        String source = PROVIDER.replace("$id", id);
        for (Map.Entry<String, String> statement : statements.entrySet()) {
            source = source.replace("/*" + statement.getKey() + "*/", statement.getValue());
        }
        Map<String, byte[]> entries = compile(Map.of("probe/Probe.java", source));
        entries.put(SERVICE, "probe.Probe\n".getBytes(StandardCharsets.UTF_8));
        return entries;
    }

    /** A jar of these entries for the present contract. */
    public static Path write(Path jar, Map<String, byte[]> entries) throws IOException {
        return write(jar, Map.of("Tachyscope-Contract", "1"), entries);
    }

    public static Path write(Path jar, Map<String, String> manifest, Map<String, byte[]> entries) throws IOException {
        Manifest written = new Manifest();
        written.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach((name, value) -> written.getMainAttributes().putValue(name, value));
        Files.createDirectories(jar.getParent());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, written)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new JarEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    /** @param sources text by path; the result is a class file by path */
    private static Map<String, byte[]> compile(Map<String, String> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> complaints = new DiagnosticCollector<>();
        Path classes = Files.createTempDirectory("plugin");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options =
                    List.of("-d", classes.toString(), "--release", "17", "-proc:none", "-Xlint:all,-path,-classfile");
            List<Source> texts = sources.entrySet().stream()
                    .map(entry -> new Source(entry.getKey(), entry.getValue()))
                    .toList();
            boolean compiled = compiler.getTask(null, files, complaints, options, null, texts)
                    .call();
            if (!compiled || !complaints.getDiagnostics().isEmpty()) {
                throw new AssertionError(complaints.getDiagnostics().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining("\n")));
            }
            return takeFrom(classes);
        }
    }

    private static Map<String, byte[]> takeFrom(Path classes) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        List<Path> found;
        try (Stream<Path> files = Files.walk(classes)) {
            found = files.toList();
        }
        for (int i = found.size() - 1; i >= 0; i--) {
            Path file = found.get(i);
            if (Files.isRegularFile(file)) {
                entries.put(classes.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
            Files.delete(file);
        }
        return entries;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
