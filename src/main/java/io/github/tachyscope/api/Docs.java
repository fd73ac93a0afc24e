package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The API description, and the page that shows it: Swagger UI out of its jar, with a start script of our own. */
final class Docs {
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Tachyscope API</title>
              <link rel="stylesheet" href="/docs/swagger-ui.css">
              <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
            </head>
            <body>
              <div id="swagger-ui"></div>
              <script src="/docs/swagger-ui-bundle.js"></script>
              <script src="/docs/swagger-initializer.js"></script>
            </body>
            </html>
            """;

    private static final String INITIALIZER = """
            window.addEventListener("load", () => {
              window.ui = SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true});
            });
            """;

    /** Swagger UI sets styles from script and has pictures in its style sheet. */
    private static final String POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            + " object-src 'none'; base-uri 'none'; frame-ancestors 'self'";

    private final byte[] yaml;
    private final JsonNode json;
    private final String webjar;

    Docs() {
        try {
            this.yaml = resource("/openapi.yaml");
            this.json = new YAMLMapper().readTree(yaml);
            Properties properties = new Properties();
            properties.load(new StringReader(new String(
                    resource("/META-INF/maven/org.webjars/swagger-ui/pom.properties"), StandardCharsets.UTF_8)));
            this.webjar = "/META-INF/resources/webjars/swagger-ui/" + properties.getProperty("version") + "/";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static byte[] resource(String name) throws IOException {
        return Pages.resource(name).orElseThrow(() -> new IOException("not on the class path: " + name));
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/docs", Endpoint.now(call -> page("index.html", PAGE.getBytes(StandardCharsets.UTF_8))))
                        .opened(),
                Endpoint.get(
                                "/docs/swagger-initializer.js",
                                Endpoint.now(call ->
                                        page("swagger-initializer.js", INITIALIZER.getBytes(StandardCharsets.UTF_8))))
                        .opened(),
                Endpoint.get("/docs/{file}", call -> call.blocking(() -> webjar(call.variable("file"))))
                        .opened(),
                Endpoint.get("/openapi.json", Endpoint.now(call -> Replies.json(json)))
                        .opened(),
                Endpoint.get(
                                "/openapi.yaml",
                                Endpoint.now(call -> Replies.bytes(MediaTypeOf.file("openapi.yaml"), yaml)))
                        .opened());
    }

    private HttpResponse webjar(String file) throws IOException {
        if (!file.matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+")) {
            return Problems.notFound();
        }
        return Pages.resource(webjar + file)
                .map(content -> page(file, content).addHeader(RawHeader.create("Cache-Control", "max-age=3600")))
                .orElseGet(Problems::notFound);
    }

    private static HttpResponse page(String name, byte[] content) {
        return Replies.bytes(MediaTypeOf.file(name), content)
                .addHeader(RawHeader.create("Content-Security-Policy", POLICY))
                .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"));
    }
}
