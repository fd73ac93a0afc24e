package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.FileReply;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.store.Asset;
import io.github.tachyscope.store.AssetKind;
import io.github.tachyscope.store.AssetStore;
import io.github.tachyscope.store.StoreRefused;
import java.io.IOException;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.FileIO;

/** Listing, uploading and serving of assets. */
final class AssetRoutes {
    private final AssetStore assets;

    AssetRoutes(AssetStore assets) {
        this.assets = assets;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/assets", call -> call.blocking(() -> list(call.query("type")))),
                Endpoint.post("/api/v1/assets", this::upload),
                Endpoint.get(
                        "/api/v1/assets/{path*}",
                        call -> call.blocking(() -> FileReply.of(
                                assets.resolve(call.variable("path")),
                                call.header("Range"),
                                call.header("If-Range"),
                                call.header("If-None-Match")))));
    }

    private HttpResponse list(Optional<String> type) {
        Optional<AssetKind> kind = type.flatMap(wanted -> Arrays.stream(AssetKind.values())
                .filter(candidate -> candidate.wireName().equals(wanted))
                .findFirst());
        ObjectNode body = Json.object();
        var list = body.putArray("assets");
        assets.list(kind).forEach(asset -> list.add(render(asset)));
        return Replies.json(body);
    }

    private CompletionStage<HttpResponse> upload(Call call) {
        String name = call.requiredQuery("filename");
        HttpEntity entity = call.entity().withoutSizeLimit();
        OptionalLong announced =
                entity.getContentLengthOption().isPresent() ? entity.getContentLengthOption() : OptionalLong.empty();
        return begun(call, name, announced)
                .thenCompose(upload -> entity.getDataBytes()
                        .map(bytes -> {
                            upload.grow(bytes.size());
                            return bytes;
                        })
                        .runWith(FileIO.toPath(upload.part(), Set.of(StandardOpenOption.WRITE)), call.system())
                        .thenCompose(written -> call.blocking(upload::commit))
                        .whenComplete((asset, failure) -> {
                            if (failure != null) {
                                upload.abort();
                            }
                        }))
                .thenApply(asset -> Replies.json(render(asset)));
    }

    private CompletionStage<AssetStore.Upload> begun(Call call, String name, OptionalLong announced) {
        CompletionStage<AssetStore.Upload> upload = call.blocking(() -> begin(name, announced));
        return upload.handle((begun, refused) -> refused == null ? upload : call.drained(upload))
                .thenCompose(stage -> stage);
    }

    private AssetStore.Upload begin(String name, OptionalLong announced) throws IOException {
        try {
            return assets.begin(name, announced);
        } catch (StoreRefused refused) {
            if (refused.reason() == StoreRefused.Reason.OUTSIDE) {
                throw Refused.with(400, refused.getMessage());
            }
            throw refused;
        }
    }

    private static ObjectNode render(Asset asset) {
        ObjectNode node = Json.object()
                .put("name", asset.name())
                .put("path", asset.path().toString())
                .put("size_mb", Json.megabytes(asset.bytes()));
        node.set("folder", Json.text(Optional.of(asset.folder()).filter(folder -> !folder.isEmpty())));
        return node.put("type", asset.kind().wireName()).put("created_at", asset.createdMillis() / 1000.0);
    }
}
