package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSettingsTest {
    @TempDir
    private Path directory;

    private static ModelSettings read(String text) {
        return Settings.from(ConfigFactory.parseString(text)
                        .withFallback(Settings.defaults())
                        .resolve())
                .models();
    }

    @Test
    void onlyMirrorsAreTrustedAsTheyAre() {
        assertEquals(List.of(), read("").trustedOrigins());
        ModelSettings mirror = read("tachyscope.models { hub-url = \"http://10.0.0.5:8080/hf\","
                + " allowed-hosts = [ \"civitai.com\", \"https://cdn.local\" ] }");
        assertEquals(
                List.of(URI.create("https://cdn.local"), URI.create("http://10.0.0.5:8080/hf")),
                mirror.trustedOrigins());
        assertEquals(List.of("civitai.com"), mirror.allowedHosts());
    }

    @Test
    void addressesAndHostsThatAreNoneAreRefused() {
        ConfigProblem problem = assertThrows(
                ConfigProblem.class,
                () -> read("tachyscope.models { hub-url = \"ftp://x\", allowed-hosts = [ \"a b\" ] }"));
        assertEquals(2, problem.problems().size(), problem.getMessage());
    }

    @Test
    void theBundledCatalogueNamesWhatPipelinesNeed() {
        ModelCatalogue catalogue = read("").catalogue();
        assertEquals(List.of("sd-turbo", "taesd"), needed(catalogue, "streamdiffusion"));
        assertEquals(List.of("sd15"), needed(catalogue, "stable-diffusion"));
        assertEquals("sd15", catalogue.of("stable-diffusion").get(0).id(), "what is needed comes first");
        assertTrue(catalogue.models().size() >= 9);
        assertTrue(catalogue.find("sdxl-turbo").isPresent());
    }

    private static List<String> needed(ModelCatalogue catalogue, String pipeline) {
        return catalogue.of(pipeline).stream()
                .filter(model -> model.neededBy().contains(pipeline))
                .map(KnownModel::id)
                .toList();
    }

    @Test
    void anOwnCatalogueAddsAndReplaces() throws Exception {
        Path file = directory.resolve("own.conf");
        String entry = "{ name = Mine, kind = checkpoint, pipelines = [ x ], repository = \"me/mine\","
                + " files = [ \"*\" ], size = 1 GB, licence = MIT, memory = 1 GB }";
        Files.writeString(file, "mine " + entry + "\nsd-turbo " + entry);
        ModelCatalogue catalogue =
                read("tachyscope.models.catalogue-file = \"" + file + "\"").catalogue();
        assertEquals("me/mine", catalogue.find("mine").orElseThrow().repository());
        assertEquals("me/mine", catalogue.find("sd-turbo").orElseThrow().repository());
        assertEquals(Set.of(), catalogue.find("sd-turbo").orElseThrow().neededBy());
        assertTrue(catalogue.find("taesd").isPresent());
    }

    @Test
    void mistakesInAnOwnCatalogueStopTheStartAndAreNamed() throws Exception {
        Path file = directory.resolve("own.conf");
        Files.writeString(file, "mine { name = Mine, sizes = 3 }");
        ConfigProblem problem =
                assertThrows(ConfigProblem.class, () -> read("tachyscope.models.catalogue-file = \"" + file + "\""));
        assertTrue(problem.getMessage().contains("\"mine\"")
                && problem.getMessage().contains("sizes"));
        assertThrows(ConfigProblem.class, () -> read("tachyscope.models.catalogue-file = /nowhere.conf"));
        Files.writeString(
                file,
                "mine { name = Mine, kind = checkpoint, pipelines = [ x ], needed = [ y ], repository = \"me/mine\","
                        + " files = [ \"*\" ], size = 1 GB, licence = MIT, memory = 1 GB }");
        assertTrue(assertThrows(ConfigProblem.class, () -> read("tachyscope.models.catalogue-file = \"" + file + "\""))
                .getMessage()
                .contains("some of pipelines"));
    }
}
