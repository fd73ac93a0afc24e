package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.testkit.RunningApi;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ScopeFaceIT {
    @TempDir
    private static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        Files.createDirectories(directory.resolve("lora"));
        Files.writeString(directory.resolve("lora/ink.safetensors"), "x");
        api = new RunningApi(
                directory,
                "tachyscope.rtc.turn { secret = \"s3cret\", urls = [\"turn:turn.example\"], credential-lifetime = 10 minutes }");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @BeforeEach
    void forget() {
        api.sessionCommands.clear();
        api.loads.clear();
    }

    private static JsonNode ok(HttpResponse<String> reply) throws Exception {
        assertEquals(200, reply.statusCode(), reply.body());
        return RunningApi.json(reply);
    }

    private static void refused(int status, HttpResponse<String> reply) throws Exception {
        assertEquals(status, reply.statusCode(), reply.body());
        assertTrue(RunningApi.json(reply).has("detail"), reply.body());
    }

    @Test
    void loadsAChainInEachOfTheThreeForms() throws Exception {
        ok(
                api.post(
                        "/api/v1/pipeline/load",
                        "{\"pipelines\":[{\"node_id\":\"n\",\"pipeline_id\":\"a\",\"load_params\":{\"width\":64}}],\"pipeline_ids\":[\"z\"],\"odd\":1}"));
        PipelineRegistry.Node node = api.loads.take().chain().get(0);
        assertEquals("n", node.nodeId());
        assertEquals("a", node.pipelineId());
        assertEquals(64, node.parameters().value("width").orElseThrow().asInt());

        ok(api.post("/api/v1/pipeline/load", "{\"pipeline_ids\":[\"a\",\"b\",\"a\"],\"load_params\":{\"seed\":7}}"));
        List<PipelineRegistry.Node> chain = api.loads.take().chain();
        assertEquals(
                List.of("a", "b", "a-2"),
                chain.stream().map(PipelineRegistry.Node::nodeId).toList());
        assertEquals(7, chain.get(1).parameters().value("seed").orElseThrow().asInt());

        JsonNode reply = ok(api.post("/api/v1/pipeline/load", "{\"pipeline_id\":\"a\",\"load_params\":null}"));
        assertEquals(
                "Pipeline loading initiated successfully", reply.path("message").asText());
        assertEquals(Parameters.none(), api.loads.take().chain().get(0).parameters());
    }

    @Test
    void refusesALoadWithoutOrWithBrokenPipelines() throws Exception {
        refused(400, api.post("/api/v1/pipeline/load", "{}"));
        refused(400, api.post("/api/v1/pipeline/load", "{\"pipeline_ids\":[]}"));
        refused(422, api.post("/api/v1/pipeline/load", "{\"pipeline_ids\":\"a\"}"));
        refused(422, api.post("/api/v1/pipeline/load", "{\"pipeline_ids\":[1]}"));
        refused(422, api.post("/api/v1/pipeline/load", "{\"pipelines\":[{\"node_id\":\"n\"}]}"));
        refused(
                422,
                api.post("/api/v1/pipeline/load", "{\"pipelines\":[{\"pipeline_id\":\"a\"},{\"pipeline_id\":\"a\"}]}"));
        HttpResponse<String> reply = api.post("/api/v1/pipeline/load", "{\"pipeline_id\":\"a\",\"load_params\":3}");
        refused(422, reply);
        JsonNode fault = RunningApi.json(reply).path("detail").path(0);
        assertEquals("[\"body\",\"load_params\"]", fault.path("loc").toString());
        assertEquals(3, fault.path("input").asInt());
        refused(400, api.post("/api/v1/pipeline/load", "{\"pipeline_id\":\"refused\"}"));
    }

    @Test
    void tellsTheStatusWithItsErrorAndStage() throws Exception {
        api.status = new PipelineRegistry.Status(
                PipelineRegistry.State.ERROR,
                List.of(new PipelineRegistry.Node("n", "a", Parameters.none())),
                Optional.of(JsonNodeFactory.instance.objectNode().put("width", 64)),
                Optional.of("no such pipeline"),
                Optional.empty());
        JsonNode status = ok(api.get("/api/v1/pipeline/status"));
        assertEquals(
                "{\"status\":\"error\",\"pipeline_id\":\"a\",\"load_params\":{\"width\":64},\"loaded_lora_adapters\":null,"
                        + "\"error\":\"no such pipeline\",\"loading_stage\":null,\"produces_video\":true,\"produces_audio\":false}",
                status.toString());
        api.status = new PipelineRegistry.Status(
                PipelineRegistry.State.NOT_LOADED, List.of(), Optional.empty(), Optional.empty(), Optional.empty());
        assertEquals(
                "not_loaded",
                ok(api.get("/api/v1/pipeline/status")).path("status").asText());
    }

    @Test
    void listsPipelinesAndNodes() throws Exception {
        JsonNode schemas = ok(api.get("/api/v1/pipelines/schemas"));
        assertEquals(
                "synthetic",
                schemas.path("pipelines").path("synthetic").path("id").asText());
        JsonNode node = ok(api.get("/api/v1/nodes/definitions")).path("nodes").path(0);
        assertEquals("synthetic", node.path("node_type_id").asText());
        assertEquals("prompts", node.path("inputs").path(1).path("name").asText());
    }

    @Test
    void hasNoModelsToDownload() throws Exception {
        assertEquals(
                "{\"downloaded\":true,\"progress\":null}",
                ok(api.get("/api/v1/models/status?pipeline_id=unknown")).toString());
        refused(422, api.get("/api/v1/models/status"));
        assertTrue(ok(api.post("/api/v1/models/download", "{\"pipeline_id\":\"synthetic\"}"))
                .has("message"));
        refused(400, api.post("/api/v1/models/download", "{\"pipeline_id\":\" \"}"));
        refused(404, api.post("/api/v1/models/download", "{\"pipeline_id\":\"unknown\"}"));
        refused(422, api.post("/api/v1/models/download", "{}"));
    }

    @Test
    void mintsTurnCredentials() throws Exception {
        JsonNode servers = ok(api.get("/api/v1/webrtc/ice-servers")).path("iceServers");
        assertTrue(servers.path(0).path("username").isNull());
        assertEquals("1700000600:tachyscope", servers.path(1).path("username").asText());
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec("s3cret".getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        String expected = Base64.getEncoder()
                .encodeToString(mac.doFinal("1700000600:tachyscope".getBytes(StandardCharsets.UTF_8)));
        assertEquals(expected, servers.path(1).path("credential").asText());
    }

    @Test
    void answersAnOfferAndPassesOnWhoAsked() throws Exception {
        JsonNode answer = ok(api.post(
                "/api/v1/webrtc/offer",
                "{\"sdp\":\"v=0\",\"type\":\"offer\",\"initialParameters\":{\"prompts\":[\"a\"]},\"user_id\":null}"));
        assertEquals("{\"sdp\":\"the answer\",\"type\":\"answer\",\"sessionId\":\"s1\"}", answer.toString());
        Sessions.Offer offer = assertInstanceOf(Sessions.Offer.class, api.sessionCommands.take());
        assertEquals("127.0.0.1", offer.client().address());
        assertEquals("a", offer.initialParameters().path("prompts").path(0).asText());
        ok(api.post("/api/v1/webrtc/offer", "{\"sdp\":\"v=0\",\"type\":\"offer\"}"));
        assertTrue(((Sessions.Offer) api.sessionCommands.take())
                .initialParameters()
                .isNull());
    }

    @Test
    void refusesOffersInTheFormOfTheirProblem() throws Exception {
        refused(422, api.post("/api/v1/webrtc/offer", "{}"));
        refused(422, api.post("/api/v1/webrtc/offer", "{\"sdp\":\"v=0\",\"type\":\"answer\"}"));
        refused(422, api.post("/api/v1/webrtc/offer", "{\"sdp\":\"v=0\",\"initialParameters\":[]}"));
        refused(400, api.post("/api/v1/webrtc/offer", "{\"sdp\":\"bad\"}"));
        HttpResponse<String> full = api.post("/api/v1/webrtc/offer", "{\"sdp\":\"full\"}");
        refused(503, full);
        assertEquals("7", full.headers().firstValue("Retry-After").orElseThrow());
        HttpResponse<String> wrong =
                api.post("/api/v1/webrtc/offer", "{\"sdp\":\"wrong\",\"initialParameters\":{\"noise_scale\":9}}");
        refused(422, wrong);
        assertEquals(
                "{\"type\":\"less_than_equal\",\"loc\":[\"body\",\"initialParameters\",\"noise_scale\"],\"msg\":\"too large\",\"input\":9}",
                RunningApi.json(wrong).path("detail").path(0).toString());
        HttpResponse<String> silent = api.post("/api/v1/webrtc/offer", "{\"sdp\":\"silent\"}");
        refused(503, silent);
        assertTrue(silent.headers().firstValue("Retry-After").isPresent());
    }

    private static HttpResponse<String> patch(String session, String type, String body) throws Exception {
        return api.send(api.request("/api/v1/webrtc/offer/" + session)
                .header("Content-Type", type)
                .method("PATCH", BodyPublishers.ofString(body)));
    }

    @Test
    void takesCandidatesAsJsonAndAsFragment() throws Exception {
        String json = "{\"candidates\":[{\"candidate\":\"candidate:1 1 udp 1 1.2.3.4 5 typ host\",\"sdpMid\":null},"
                + "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}]}";
        assertEquals(204, patch("s1", "application/json", json).statusCode());
        assertEquals(
                List.of("candidate:1 1 udp 1 1.2.3.4 5 typ host", ""),
                ((Sessions.Trickle) api.sessionCommands.take()).candidates());
        String fragment =
                "a=ice-ufrag:x\r\nm=audio 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 1 1.2.3.4 5 typ host\r\na=end-of-candidates\r\n";
        assertEquals(
                204, patch("s1", "application/trickle-ice-sdpfrag", fragment).statusCode());
        assertEquals(
                List.of("candidate:1 1 udp 1 1.2.3.4 5 typ host", ""),
                ((Sessions.Trickle) api.sessionCommands.take()).candidates());
        assertEquals(
                204,
                patch("s1", "application/json", "{\"candidates\":[{\"candidate\":\"\"}]}")
                        .statusCode());
        refused(404, patch("gone", "application/json", json));
        refused(422, patch("s1", "application/json", "{"));
        refused(
                422,
                patch("s1", "application/json", "{\"candidates\":[{\"candidate\":\"" + "x".repeat(1025) + "\"}]}"));
    }

    @Test
    void hangsUpKnownAndUnknownSessions() throws Exception {
        for (String session : List.of("s1", "gone")) {
            assertEquals(
                    204,
                    api.send(api.request("/api/v1/webrtc/offer/" + session).DELETE())
                            .statusCode());
        }
    }

    @Test
    void setsParametersAndTellsFigures() throws Exception {
        refused(400, api.post("/api/v1/session/parameters", "{}"));
        refused(404, api.post("/api/v1/session/parameters?session_id=gone", "{\"noise_scale\":0.5}"));
        JsonNode applied = ok(api.post("/api/v1/session/parameters", "{\"noise_scale\":0.5,\"x\":null}"));
        assertEquals("{\"status\":\"ok\",\"applied_parameters\":{\"noise_scale\":0.5}}", applied.toString());
        assertEquals(
                0.5,
                ok(api.get("/api/v1/session/parameters"))
                        .path("parameters")
                        .path("noise_scale")
                        .asDouble());
        JsonNode metrics = ok(api.get("/api/v1/session/metrics"));
        assertEquals(9, metrics.path("sessions").path("s1").path("frames_out").asInt());
        assertTrue(metrics.path("sessions").path("s1").path("latency_ms").isNull());
        assertEquals(8192.0, metrics.path("gpu").path("vram_total_mb").asDouble());
    }

    @Test
    void tellsHardwareLogsAndRestarts() throws Exception {
        JsonNode hardware = ok(api.get("/api/v1/hardware/info"));
        assertEquals(8.0, hardware.path("vram_gb").asDouble());
        assertFalse(hardware.path("ndi").path("available").asBoolean(true));
        assertFalse(hardware.path("spout_available").asBoolean(true));
        JsonNode card = hardware.path("devices").path(1);
        assertEquals("cuda:0", card.path("id").asText());
        assertEquals(8L << 30, card.path("usable_bytes").asLong());
        assertEquals("fp16", card.path("formats").path(0).asText());
        assertEquals("2.10.0", hardware.path("tensors").path("version").asText());
        assertFalse(hardware.path("tensors").path("loaded").asBoolean(true));
        LoggerFactory.getLogger("test").warn("a line for the log");
        JsonNode tail = ok(api.get("/api/v1/logs/tail?lines=1000"));
        assertTrue(tail.path("lines").toString().contains("a line for the log"));
        long offset = tail.path("offset").asLong();
        LoggerFactory.getLogger("test").warn("a later line");
        JsonNode later = ok(api.get("/api/v1/logs/tail?since_offset=" + offset));
        assertFalse(later.path("lines").toString().contains("a line for the log"));
        assertTrue(later.path("lines").toString().contains("a later line"));
        assertTrue(api.get("/api/v1/logs/current").body().contains("a line for the log"));
        refused(422, api.get("/api/v1/logs/tail?lines=0"));
        ok(api.post("/api/v1/restart", ""));
        assertTrue(api.restarted.await(10, TimeUnit.SECONDS));
    }

    @Test
    void keepsKeysToItself() throws Exception {
        var put = api.request("/api/v1/keys/huggingface").PUT(BodyPublishers.ofString("{\"value\":\"hf_abc\"}"));
        ok(api.send(put));
        HttpResponse<String> list = api.get("/api/v1/keys");
        assertFalse(list.body().contains("hf_abc"));
        JsonNode keys = RunningApi.json(list).path("keys");
        assertEquals("stored", keys.path(0).path("source").asText());
        assertEquals("env_var", keys.path(1).path("source").asText());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("keys.json"))));
        refused(409, api.send(api.request("/api/v1/keys/civitai").PUT(BodyPublishers.ofString("{\"value\":\"x\"}"))));
        refused(404, api.send(api.request("/api/v1/keys/other").PUT(BodyPublishers.ofString("{\"value\":\"x\"}"))));
        refused(
                422,
                api.send(api.request("/api/v1/keys/huggingface").PUT(BodyPublishers.ofString("{\"value\":\"\"}"))));
        ok(api.send(api.request("/api/v1/keys/huggingface").DELETE()));
        refused(404, api.send(api.request("/api/v1/keys/huggingface").DELETE()));
    }

    @Test
    void listsAndDeletesLoras() throws Exception {
        assertEquals(
                "ink",
                ok(api.get("/api/v1/lora/list"))
                        .path("lora_files")
                        .path(0)
                        .path("name")
                        .asText());
        ok(api.send(api.request("/api/v1/loras/ink").DELETE()));
        refused(404, api.send(api.request("/api/v1/loras/ink").DELETE()));
        assertEquals(0, ok(api.get("/api/v1/loras")).path("lora_files").size());
    }

    @Test
    void answersForWhatIsNotThere() throws Exception {
        assertTrue(ok(api.get("/api/v1/onboarding/status")).path("completed").asBoolean());
        var choice = api.request("/api/v1/onboarding/status").PUT(BodyPublishers.ofString("{\"use_case\":\"vj\"}"));
        assertEquals("vj", ok(api.send(choice)).path("use_case").asText());
        assertFalse(ok(api.get("/api/v1/cloud/status")).path("connected").asBoolean(true));
        refused(400, api.post("/api/v1/cloud/connect", "{}"));
        refused(400, api.post("/api/v1/tempo/enable", "{}"));
        refused(404, api.get("/api/v1/input-sources/odd/sources"));
        refused(400, api.get("/api/v1/input-sources/ndi/sources"));
        JsonNode plugins = ok(api.get("/api/v1/plugins"));
        assertEquals(
                "synthetic",
                plugins.path("plugins")
                        .path(0)
                        .path("pipelines")
                        .path(0)
                        .path("pipeline_id")
                        .asText());
        assertEquals(
                "broken.jar",
                plugins.path("failed_plugins").path(0).path("package_name").asText());
        JsonNode mirror = plugins.path("plugins").path(1);
        assertEquals("mirror.jar", mirror.path("package_spec").asText());
        assertEquals(
                "mirror", mirror.path("pipelines").path(0).path("pipeline_id").asText());
        assertEquals(1, mirror.path("pipelines").size());
        assertEquals(1, plugins.path("plugins").path(0).path("pipelines").size());
        refused(400, api.send(api.request("/api/v1/plugins/mirror").DELETE()));
        refused(501, api.post("/api/v1/plugins", "{\"package\":\"x\"}"));
        JsonNode resolved = ok(api.post(
                "/api/v1/workflow/resolve",
                "{\"pipelines\":[{\"pipeline_id\":\"synthetic\"},{\"pipeline_id\":\"other\"}]}"));
        assertFalse(resolved.path("can_apply").asBoolean(true));
        assertEquals("ok", resolved.path("items").path(0).path("status").asText());
        assertEquals("missing", resolved.path("items").path(1).path("status").asText());
        HttpResponse<InputStream> stream =
                api.client().send(api.request("/api/v1/osc/stream").build(), BodyHandlers.ofInputStream());
        try (InputStream body = stream.body()) {
            assertEquals(": open\n", new String(body.readNBytes(7), StandardCharsets.UTF_8));
        }
    }

    @Test
    void noGarbageGivesAServerError() throws Exception {
        List<String> garbage = List.of(
                "",
                "{",
                "null",
                "[]",
                "\"x\"",
                "1e999",
                "{\"a\":1}}",
                "\u0000",
                "[".repeat(5000),
                "{\"sdp\":{}}",
                "{\"pipelines\":{}}",
                "{\"pipelines\":[null]}",
                "{\"candidates\":5}",
                "{\"value\":[]}",
                "{\"nodes\":[1]}",
                "{\"nodes\":[{\"loras\":[{}]}]}",
                "{\"url\":7}",
                "{\"completed\":7}",
                "{\"pipeline_ids\":[[]]}");
        List<String> honest = List.of("/api/v1/plugins");
        for (Endpoint endpoint : api.faces.get(0).endpoints()) {
            String method = endpoint.method().value();
            if (method.equals("GET") || endpoint.template().endsWith("/restart")) {
                continue;
            }
            String path = endpoint.template().replaceAll("\\{[^}]+}", "x");
            for (String body : garbage) {
                HttpResponse<String> reply = api.send(api.request(path).method(method, BodyPublishers.ofString(body)));
                boolean fine = reply.statusCode() < 500 || reply.statusCode() == 501 && honest.contains(path);
                assertTrue(fine, () -> method + " " + path + " " + body + " gave " + reply.statusCode());
            }
        }
    }
}
