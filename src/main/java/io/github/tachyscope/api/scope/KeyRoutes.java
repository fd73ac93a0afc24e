package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.config.CredentialSettings;
import io.github.tachyscope.config.Secret;
import io.github.tachyscope.store.KeyStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Tokens for the hosts of models. Their values go in and never come out. */
final class KeyRoutes {
    /** Longest token, in characters; a longer one gets 422. */
    private static final int MAX_LENGTH = 4096;

    private static final List<Service> SERVICES = List.of(
            new Service(
                    "huggingface",
                    "Hugging Face",
                    "Model downloads",
                    "HF_TOKEN",
                    "https://huggingface.co/settings/tokens",
                    CredentialSettings::huggingFace),
            new Service(
                    "civitai",
                    "Civitai",
                    "LoRA downloads",
                    "CIVITAI_API_TOKEN",
                    "https://civitai.com/user/account",
                    CredentialSettings::civitai));

    private final KeyStore keys;
    private final CredentialSettings configured;

    KeyRoutes(KeyStore keys, CredentialSettings configured) {
        this.keys = keys;
        this.configured = configured;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/keys", call -> call.blocking(this::list)),
                Endpoint.put("/api/v1/keys/{service}", call -> {
                    Service service = service(call);
                    return call.json().thenCompose(body -> call.blocking(() -> put(service, body)));
                }),
                Endpoint.delete("/api/v1/keys/{service}", call -> {
                    Service service = service(call);
                    return call.blocking(() -> delete(service));
                }));
    }

    private static Service service(Call call) {
        return SERVICES.stream()
                .filter(service -> service.id().equals(call.variable("service")))
                .findFirst()
                .orElseThrow(() -> Refused.with(404, "There is no such service; known are huggingface and civitai."));
    }

    private boolean isConfigured(Service service) {
        return service.setting().apply(configured).isPresent();
    }

    private HttpResponse list() throws IOException {
        ObjectNode body = Json.object();
        var list = body.putArray("keys");
        for (Service service : SERVICES) {
            Optional<String> source = isConfigured(service)
                    ? Optional.of("env_var")
                    : keys.value(service.id()).map(stored -> "stored");
            ObjectNode key = list.addObject()
                    .put("id", service.id())
                    .put("name", service.name())
                    .put("description", service.description())
                    .put("is_set", source.isPresent());
            key.set("source", Json.text(source));
            key.put("env_var", service.variable()).put("key_url", service.url());
        }
        return Replies.json(body);
    }

    private HttpResponse put(Service service, Body body) throws IOException {
        String value = body.requiredText("value").strip();
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw body.invalid(
                    "value",
                    "string_length",
                    "Input should have 1 to " + MAX_LENGTH + " characters",
                    TextNode.valueOf(""));
        }
        refuseIfConfigured(service);
        keys.put(service.id(), value);
        return done("The key was stored.");
    }

    private HttpResponse delete(Service service) throws IOException {
        refuseIfConfigured(service);
        if (!keys.remove(service.id())) {
            throw Refused.with(404, "No key is stored for this service.");
        }
        return done("The key was deleted.");
    }

    private void refuseIfConfigured(Service service) {
        if (isConfigured(service)) {
            throw Refused.with(
                    409, "This key is set where the server is configured, by " + service.variable() + " or its file.");
        }
    }

    private static HttpResponse done(String message) {
        return Replies.json(Json.object().put("success", true).put("message", message));
    }

    /** @param setting what the operator configured, by file or by the environment variable {@code variable} */
    private record Service(
            String id,
            String name,
            String description,
            String variable,
            String url,
            Function<CredentialSettings, Optional<Secret>> setting) {}
}
