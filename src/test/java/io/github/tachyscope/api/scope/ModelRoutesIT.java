package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.testkit.RunningApi;
import io.github.tachyscope.testkit.StandInHub;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads as clients see them, from a hub of this machine. */
@Timeout(120)
class ModelRoutesIT {
    private static final String WEIGHTS = "unet/w.safetensors";
    private static final byte[] BYTES = StandInHub.safetensors(200_000);

    @TempDir
    private static Path directory;

    private static StandInHub hub;
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        hub = StandInHub.serve(directory.resolve("hub"));
        for (String name : new String[] {"a", "b", "c"}) {
            hub.put("maker/" + name, WEIGHTS, BYTES).put("maker/" + name, "unet/config.json", "{}".getBytes());
        }
        Path catalogue = directory.resolve("catalogue.conf");
        StringBuilder entries = new StringBuilder();
        for (String name : new String[] {"a", "b"}) {
            entries.append("model-" + name + " { name = " + name + ", kind = checkpoint, pipelines = [ pipe-" + name
                    + " ], needed = true, repository = \"maker/" + name
                    + "\", files = [ \"unet/*\" ], size = 200 kB, licence = MIT, memory = 1 MB }\n");
        }
        Files.writeString(catalogue, entries);
        api = new RunningApi(
                directory,
                "tachyscope.models.hub-url = \"" + hub.address() + "\"",
                "tachyscope.models.attempts = 1",
                "tachyscope.session.ask-timeout = 20 s",
                "tachyscope.models.catalogue-file = \"" + catalogue + "\"");
    }

    @AfterAll
    static void stop() {
        api.close();
        hub.close();
    }

    private static JsonNode ok(HttpResponse<String> reply) throws Exception {
        assertEquals(200, reply.statusCode(), reply.body());
        return RunningApi.json(reply);
    }

    private static JsonNode status(String pipeline, Predicate<JsonNode> wanted) throws Exception {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
        while (true) {
            JsonNode status = ok(api.get("/api/v1/models/status?pipeline_id=" + pipeline));
            if (wanted.test(status)) {
                return status;
            }
            assertTrue(Instant.now().isBefore(deadline), status.toString());
        }
    }

    @Test
    void downloadsWhatAPipelineNeedsAndTellsHowFarItIs() throws Exception {
        assertEquals(
                "{\"downloaded\":false,\"progress\":null}",
                ok(api.get("/api/v1/models/status?pipeline_id=pipe-a")).toString());
        hub.next("maker/a/resolve/main/" + WEIGHTS, new StandInHub.Stall(100_000));
        ok(api.post("/api/v1/models/download", "{\"pipeline_id\":\"pipe-a\"}"));
        JsonNode running = status(
                "pipe-a",
                status -> status.path("progress").path("total").path("bytes").asLong() > 0);
        assertFalse(running.path("downloaded").asBoolean(true));
        assertTrue(running.path("progress").path("is_downloading").asBoolean());
        assertEquals(2, running.path("progress").path("total").path("files").asInt());
        assertEquals(
                409,
                api.post("/api/v1/models/download", "{\"pipeline_id\":\"pipe-a\"}")
                        .statusCode());
        ok(api.post("/api/v1/models/downloads/cancel", "{\"id\":\"pipe-a\"}"));
        JsonNode cancelled = status(
                "pipe-a",
                status -> !status.path("progress").path("is_downloading").asBoolean());
        assertTrue(cancelled.path("progress").path("error").isTextual(), cancelled.toString());
        assertEquals(
                404,
                api.post("/api/v1/models/downloads/cancel", "{\"id\":\"pipe-a\"}")
                        .statusCode());
        ok(api.post("/api/v1/models/download", "{\"pipeline_id\":\"pipe-a\"}"));
        JsonNode done = status("pipe-a", status -> status.path("downloaded").asBoolean());
        assertTrue(done.path("progress").isNull());
        assertArrayEquals(BYTES, Files.readAllBytes(directory.resolve("models/maker/a/" + WEIGHTS)));
        JsonNode models = ok(api.get("/api/v1/models")).path("models");
        assertTrue(models.valueStream()
                .anyMatch(model -> model.path("id").asText().equals("model-a")
                        && model.path("downloaded").asBoolean()));
    }

    @Test
    void anErrorStaysUntilTheNextAttempt() throws Exception {
        hub.next("maker/b/tree/main", new StandInHub.Status(401, "{}"));
        ok(api.post("/api/v1/models/download", "{\"pipeline_id\":\"pipe-b\"}"));
        JsonNode failed = status("pipe-b", status -> status.path("progress").has("error"));
        assertFalse(failed.path("progress").path("is_downloading").asBoolean(true));
        assertTrue(failed.path("progress").path("error").asText().contains("HF_TOKEN"));
        ok(api.post("/api/v1/models/download", "{\"pipeline_id\":\"pipe-b\"}"));
        status("pipe-b", status -> status.path("downloaded").asBoolean());
    }

    @Test
    void downloadsARepositoryAndSaysSoInAStreamOfEvents() throws Exception {
        var stream =
                api.client().send(api.request("/api/v1/models/downloads/events").build(), BodyHandlers.ofInputStream());
        try (BufferedReader events = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            ok(api.post("/api/v1/models/download", "{\"repo_id\":\"maker/c\",\"files\":[\"unet/*\"]}"));
            String line = events.readLine();
            while (!(line.contains("\"maker/c\"") && line.contains("\"done\""))) {
                line = events.readLine();
            }
            assertTrue(line.startsWith("data: {\"downloads\":["), line);
        }
        assertEquals(
                400, api.post("/api/v1/models/download", "{\"repo_id\":\"..\"}").statusCode());
        assertEquals(400, api.post("/api/v1/models/download", "{\"url\":\"x\"}").statusCode());
        assertEquals(
                404, api.post("/api/v1/models/download", "{\"model\":\"x\"}").statusCode());
    }

    @Test
    void installsALora() throws Exception {
        hub.put("maker/lora", "ink.safetensors", BYTES);
        String url = hub.address() + "/maker/lora/resolve/main/ink.safetensors";
        JsonNode installed = ok(api.post("/api/v1/loras", "{\"url\":\"" + url + "\"}"));
        assertEquals("ink", installed.path("file").path("name").asText());
        assertEquals(
                StandInHub.sha256(BYTES), installed.path("file").path("sha256").asText());
        assertEquals(409, api.post("/api/v1/loras", "{\"url\":\"" + url + "\"}").statusCode());
        JsonNode other = ok(api.post(
                "/api/v1/lora/download",
                "{\"source\":\"huggingface\",\"repo_id\":\"maker/lora\",\"hf_filename\":\"ink.safetensors\","
                        + "\"subfolder\":\"styles\"}"));
        assertEquals(BYTES.length, other.path("size_bytes").asInt());
        assertEquals("ink.safetensors", other.path("filename").asText());
        ok(api.send(api.request("/api/v1/lora/ink.safetensors/provenance")
                .PUT(BodyPublishers.ofString("{\"source\":\"local\"}"))));
        JsonNode listed = ok(api.get("/api/v1/loras")).path("lora_files").path(0);
        assertEquals("local", listed.path("provenance").path("source").asText());
        for (String wrong : new String[] {
            "{\"source\":\"elsewhere\"}",
            "{\"source\":\"url\",\"url\":\"http://127.0.0.1:1/x.safetensors\"}",
            "{\"source\":\"url\",\"url\":\"https://a\\nb\"}",
            "{\"source\":\"civitai\",\"model_id\":\"../x\"}",
            "{\"source\":\"huggingface\",\"repo_id\":\"maker/lora\",\"hf_filename\":\"ink.safetensors\","
                    + "\"expected_sha256\":\"12\"}"
        }) {
            assertEquals(400, api.post("/api/v1/lora/download", wrong).statusCode(), wrong);
        }
        ok(api.send(api.request("/api/v1/loras/ink").DELETE()));
    }
}
