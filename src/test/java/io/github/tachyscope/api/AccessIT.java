package io.github.tachyscope.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.RunningApi;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessIT {
    @TempDir
    private Path directory;

    @Test
    void asksForTheTokenOfCallsButNotOfPages() throws Exception {
        try (RunningApi api = new RunningApi(directory, "tachyscope.server.access-token = \"open sesame\"")) {
            for (String path : List.of("/api/v1/pipeline/status", "/metrics", "/api/v1/assets")) {
                HttpResponse<String> refused = api.get(path);
                assertEquals(401, refused.statusCode());
                assertEquals(
                        "Bearer",
                        refused.headers().firstValue("WWW-Authenticate").orElseThrow());
                assertTrue(RunningApi.json(refused).path("detail").isTextual());
                assertEquals(
                        401,
                        api.send(api.request(path).header("Authorization", "Bearer open"))
                                .statusCode());
                assertEquals(
                        200,
                        api.send(api.request(path).header("Authorization", "Bearer open sesame"))
                                .statusCode());
                assertEquals(200, api.get(path + "?access_token=open%20sesame").statusCode());
            }
            assertEquals(
                    401,
                    api.post("/api/v1/pipeline/load?access_token=open%20sesame", "{}")
                            .statusCode());
            for (String path : List.of("/", "/health", "/ready", "/docs", "/openapi.json")) {
                assertEquals(200, api.get(path).statusCode(), path);
            }
            assertEquals(
                    204,
                    api.send(api.request("/api/v1/assets").method("OPTIONS", BodyPublishers.noBody()))
                            .statusCode());
        }
    }
}
