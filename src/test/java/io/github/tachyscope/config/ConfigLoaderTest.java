package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    private final Map<String, String> options = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>(Map.of("user.home", "/home/somebody"));
    private final Map<String, String> environment = new HashMap<>();
    private Optional<Path> named = Optional.empty();

    @TempDir
    Path home;

    private Path usual;

    @BeforeEach
    void makeConfDirectory() throws IOException {
        usual = Files.createDirectory(home.resolve("conf")).resolve("tachyscope.conf");
    }

    @Test
    void needsNothingButTheReference() {
        Settings settings = load();
        assertEquals("127.0.0.1", settings.server().host());
        assertEquals(
                Path.of("/home/somebody/.tachyscope/models"), settings.storage().modelsDir());
        assertEquals(
                Path.of("/home/somebody/.tachyscope/models/lora"),
                settings.storage().loraDir());
        assertEquals(LoggingSettings.Format.TEXT, settings.logging().format());
        assertTrue(settings.server().webDir().isEmpty());
    }

    @Test
    void eachLayerBeatsTheOneBelow() throws IOException {
        assertEquals(8000, load().server().port());
        write("tachyscope.server.port = 1001");
        assertEquals(1001, load().server().port());
        environment.put("TACHYSCOPE_PORT", "1002");
        assertEquals(1002, load().server().port());
        properties.put("tachyscope.server.port", "1003");
        assertEquals(1003, load().server().port());
        options.put("tachyscope.server.port", "1004");
        assertEquals(1004, load().server().port());
    }

    @Test
    void threadsOfTheCodecsSizeTheDispatcherOfTheStreams() {
        String pool = "tachyscope-media-dispatcher.thread-pool-executor.core-pool-size-";
        assertEquals(2, read().all().getInt(pool + "min"));
        options.put("tachyscope.media.threads", "5");
        assertEquals(5, read().all().getInt(pool + "min"));
        assertEquals(5, read().all().getInt(pool + "max"));
    }

    @Test
    void theFileIsTheNamedOneThenTheVariablesThenTheUsual() throws IOException {
        write("tachyscope.server.port = 1001");
        Path byVariable = Files.writeString(home.resolve("variable.conf"), "tachyscope.server.port = 1002");
        environment.put("TACHYSCOPE_CONFIG", byVariable.toString());
        assertEquals(1002, load().server().port());
        named = Optional.of(Files.writeString(home.resolve("named"), "tachyscope { server { port = 1003 } }"));
        assertEquals(1003, load().server().port());
    }

    @Test
    void aNamedFileMustExist() {
        named = Optional.of(home.resolve("absent.conf"));
        assertTrue(onlyProblem().contains("absent.conf"));
    }

    @Test
    void aFileThatCannotBeParsedIsNamedWithItsLine() throws IOException {
        write("tachyscope {\n  server {{\n}");
        assertTrue(onlyProblem().contains("tachyscope.conf"), onlyProblem());
    }

    @Test
    void theBundledModelIsLoadedUnlessOtherwiseSaid() throws IOException {
        assertEquals(List.of("tiny"), load().pipelines().preload());
        write("tachyscope.pipelines.preload = []");
        assertEquals(List.of(), load().pipelines().preload());
    }

    @Test
    void environmentTextTakesTheFormOfItsKey() {
        environment.put("PIPELINE", "passthrough, synthetic");
        environment.put("VERBOSE_LOGGING", "YES");
        environment.put("HF_TOKEN", "hf_abc");
        environment.put("TACHYSCOPE_HOST", "");
        Settings settings = load();
        assertEquals(List.of("passthrough", "synthetic"), settings.pipelines().preload());
        assertTrue(settings.server().verboseLogging());
        assertEquals(Optional.of(new Secret("hf_abc")), settings.credentials().huggingFace());
        assertEquals("127.0.0.1", settings.server().host());
        environment.put("VERBOSE_LOGGING", "0");
        environment.put("PIPELINE", "passthrough");
        assertFalse(load().server().verboseLogging());
        assertEquals(List.of("passthrough"), load().pipelines().preload());
    }

    @Test
    void aPropertyMayHoldAWholeList() {
        properties.put("tachyscope.rtc.ice-servers", "[ { urls = [ \"turn:t.example:3478\" ], username = u } ]");
        RtcSettings.IceServer server = load().rtc().iceServers().get(0);
        assertEquals(List.of("turn:t.example:3478"), server.urls());
        assertEquals(Optional.of("u"), server.username());
        properties.put("tachyscope.rtc.ice-servers", "[ { urls = ");
        assertTrue(onlyProblem().contains("tachyscope.rtc.ice-servers (system property)"));
    }

    @Test
    void anUnknownKeyFailsWithSuggestionFileAndLine() throws IOException {
        write("tachyscope {\n  server {\n    prot = 80\n  }\n}\n");
        String problem = onlyProblem();
        assertTrue(problem.startsWith("tachyscope.server.prot ("), problem);
        assertTrue(problem.contains("tachyscope.conf: 3)"), problem);
        assertTrue(problem.endsWith("did you mean tachyscope.server.port?"), problem);
    }

    @Test
    void aKeyInTheWrongSectionIsSuggestedWhereItBelongs() throws IOException {
        write("tachyscope.server.max-upload-size = 1 MiB");
        assertTrue(onlyProblem().endsWith("did you mean tachyscope.storage.max-upload-size?"), onlyProblem());
    }

    @Test
    void anUnknownSectionAndAnUnknownPropertyFailToo() throws IOException {
        write("tachyscope.sever { port = 1 }");
        properties.put("tachyscope.engine.max-runz", "3");
        List<String> problems = problems();
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("did you mean tachyscope.engine.max-runs?"), problems::toString);
        assertTrue(problems.get(1).startsWith("tachyscope.sever "), problems::toString);
    }

    @Test
    void aliasesAndOtherTopLevelSectionsAreFree() throws IOException {
        write(
                "tachyscope.pipelines.aliases { longlive = synthetic, \"a.b\" = passthrough }\npekko.loglevel = DEBUG\nx=1");
        Configuration configuration = ConfigLoader.load(sources());
        assertEquals(
                Map.of("longlive", "synthetic", "a.b", "passthrough"),
                configuration.settings().pipelines().aliases());
        assertEquals("DEBUG", configuration.all().getString("pekko.loglevel"));
    }

    @Test
    void everyMistakeIsToldAtOnceWithWhatIsAllowed() throws IOException {
        write("""
                tachyscope {
                  server { port = 70000, host = [] }
                  rtc { ice-timeout = 0s, max-message-size = 1 TiB, ice-servers = [ { url = x, urls = [ "http:x" ] } ] }
                  media { h264-encoders = [] }
                  session { max = 0, idle-timeout = soon }
                  pipelines { synthetic { steps = 51 }, aliases { a = "" } }
                  logging.format = xml
                  engine = 5
                }
                """);
        List<String> problems = problems();
        for (String expected : List.of(
                "server.port (",
                "from 0 to 65535, not 70000",
                "server.host (",
                "rtc.ice-timeout (",
                "rtc.max-message-size (",
                "unknown key \"url\"",
                "\"http:x\" must begin with",
                "media.h264-encoders (",
                "session.max (",
                "session.idle-timeout (",
                "synthetic.steps (",
                "\"a\" must be a text",
                "must be one of text, json, not \"xml\"",
                "tachyscope.engine (")) {
            assertTrue(problems.stream().anyMatch(line -> line.contains(expected)), expected + " in " + problems);
        }
    }

    @Test
    void bitratesMustBeInOrder() throws IOException {
        write("tachyscope.rtc { min-bitrate = 500000, start-bitrate = 400000 }");
        assertTrue(onlyProblem().contains("start-bitrate"));
    }

    @Test
    void refusesToBeExposedWithoutATokenUnlessToldSo() {
        options.put("tachyscope.server.host", "0.0.0.0");
        assertTrue(onlyProblem().contains("tachyscope.server.access-token"), onlyProblem());
        assertTrue(onlyProblem().contains("(command line)"), onlyProblem());
        environment.put("TACHYSCOPE_ACCESS_TOKEN", "s3cret-token");
        assertEquals(Optional.of("s3cret-token"), load().server().accessToken());
        environment.clear();
        properties.put("tachyscope.server.allow-exposed", "true");
        assertTrue(load().server().exposed());
    }

    @Test
    void onlyLoopbackAddressesCountAsHidden() {
        for (String host : List.of("127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]")) {
            options.put("tachyscope.server.host", host);
            assertFalse(load().server().exposed(), host);
        }
        for (String host : List.of("0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org")) {
            options.put("tachyscope.server.host", host);
            assertEquals(1, problems().size(), host);
        }
    }

    @Test
    void halfATlsPairIsRefused() {
        properties.put("tachyscope.server.tls.certificate", "cert.pem");
        assertTrue(onlyProblem().startsWith("tachyscope.server.tls.private-key"), onlyProblem());
    }

    @Test
    void secretsAreNeverShown() throws IOException {
        environment.put("TACHYSCOPE_ACCESS_TOKEN", "s3cret");
        environment.put("HF_TOKEN", "s3cret");
        environment.put("CIVITAI_API_TOKEN", "s3cret");
        write("tachyscope.rtc.turn { secret = s3cret, urls = [ \"turn:t.example\" ] }");
        Settings settings = load();
        assertEquals("s3cret", settings.rtc().turnSecret().orElseThrow().secret());
        assertFalse(settings.toString().contains("s3cret"), settings::toString);
    }

    @Test
    void aDistributionServesThePagesBesideItUnlessToldOtherwise() throws IOException {
        Files.createDirectory(home.resolve("web"));
        assertTrue(load().server().webDir().isEmpty());
        Files.createDirectory(home.resolve("lib"));
        assertEquals(Optional.of(home.resolve("web")), load().server().webDir());
        options.put("tachyscope.server.web-dir", "elsewhere");
        assertEquals(Optional.of(Path.of("elsewhere")), load().server().webDir());
    }

    private ConfigLoader.Sources sources() {
        return new ConfigLoader.Sources(options, named, properties, environment, home);
    }

    private Settings load() {
        return read().settings();
    }

    private Configuration read() {
        return ConfigLoader.load(sources());
    }

    private List<String> problems() {
        return assertThrows(ConfigProblem.class, this::load).problems();
    }

    private String onlyProblem() {
        List<String> problems = problems();
        assertEquals(1, problems.size(), problems::toString);
        return problems.get(0);
    }

    private void write(String text) throws IOException {
        Files.writeString(usual, text);
    }
}
