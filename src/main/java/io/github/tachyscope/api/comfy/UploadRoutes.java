package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.store.MediaFolder;
import io.github.tachyscope.store.MediaFolders;
import io.github.tachyscope.store.MediaUpload;
import io.github.tachyscope.store.ResultLabel;
import io.github.tachyscope.store.StoreRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.Multipart;
import org.apache.pekko.http.javadsl.unmarshalling.Unmarshaller;
import org.apache.pekko.http.scaladsl.model.ExceptionWithErrorInfo;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.util.ByteString;

/** Pictures of clients, for graphs that load them. */
final class UploadRoutes {
    /** Most texts of a form, there are three, and the longest of them. */
    private static final int MAX_TEXTS = 20;

    private static final int MAX_TEXT = 4096;

    /** Beside the file: names and boundaries. */
    private static final long FORM = 64 << 10;

    private final MediaFolders folders;
    private final long maxBytes;

    UploadRoutes(MediaFolders folders, long maxBytes) {
        this.folders = folders;
        this.maxBytes = maxBytes;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(Endpoint.post("/upload/image", this::upload));
    }

    private CompletionStage<HttpResponse> upload(Call call) {
        String type = call.request().entity().getContentType().toString().toLowerCase(Locale.ROOT);
        if (!type.startsWith("multipart/form-data") || !type.contains("boundary=")) {
            throw malformed();
        }
        Routes.checkAnnounced(call, maxBytes + FORM, " (tachyscope.comfy.max-upload-size)");
        Form form = new Form(call);
        return form.read()
                .thenCompose(done -> call.blocking(form::store))
                .whenComplete((reply, failure) -> call.blocking(form::close));
    }

    private static Refused malformed() {
        return Refused.with(400, "Send a form (multipart/form-data) with a file in image.");
    }

    /** One form; its parts arrive one after the other, in any order. */
    private final class Form {
        private final Call call;
        private final Map<String, String> texts = new HashMap<>();
        private Optional<String> name = Optional.empty();
        private Optional<Path> file = Optional.empty();

        Form(Call call) {
            this.call = call;
        }

        CompletionStage<Done> read() {
            return Unmarshaller.entityToMultipartFormData()
                    .unmarshal(call.entity().withSizeLimit(maxBytes + FORM), call.system())
                    .thenCompose(form -> form.getParts()
                            .map(part -> (Multipart.FormData.BodyPart) part)
                            .mapAsync(1, this::take)
                            .runForeach(done -> {}, call.system()))
                    .exceptionally(Form::explain);
        }

        private static Done explain(Throwable failure) {
            Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            if (cause instanceof ExceptionWithErrorInfo) {
                throw malformed();
            }
            throw new CompletionException(cause);
        }

        private CompletionStage<Done> take(Multipart.FormData.BodyPart part) {
            boolean wanted =
                    part.getName().equals("image") && part.getFilename().isPresent() && file.isEmpty();
            if (wanted) {
                return receive(part);
            }
            if (part.getFilename().isPresent() || texts.size() >= MAX_TEXTS) {
                return part.getEntity().getDataBytes().runForeach(bytes -> {}, call.system());
            }
            return part.getEntity()
                    .getDataBytes()
                    .runFold(
                            ByteString.emptyByteString(),
                            (all, more) -> all.size() > MAX_TEXT ? all : all.concat(more),
                            call.system())
                    .thenApply(text -> {
                        texts.put(part.getName(), text.decodeString(StandardCharsets.UTF_8));
                        return Done.getInstance();
                    });
        }

        private CompletionStage<Done> receive(Multipart.FormData.BodyPart part) {
            name = part.getFilename();
            return call.blocking(() -> {
                        Path path = Files.createTempFile("tachyscope-upload-", ".part");
                        file = Optional.of(path);
                        return path;
                    })
                    .thenCompose(path -> part.getEntity()
                            .getDataBytes()
                            .runWith(FileIO.toPath(path), call.system())
                            .thenCompose(written -> written.status().isFailure()
                                    ? CompletableFuture.failedFuture(written.getError())
                                    : CompletableFuture.completedFuture(Done.getInstance())));
        }

        HttpResponse store() throws IOException {
            Path received = file.orElseThrow(UploadRoutes::malformed);
            String spelled = name.orElse("").replace('\\', '/');
            String plain = spelled.substring(spelled.lastIndexOf('/') + 1);
            if (plain.isEmpty()) {
                throw malformed();
            }
            MediaFolder folder = Optional.ofNullable(texts.get("type"))
                    .filter(type -> !type.isEmpty())
                    .map(type -> MediaFolder.ofWireName(type)
                            .orElseThrow(() -> Refused.with(400, "type must be input, temp or output.")))
                    .orElse(MediaFolder.INPUT);
            boolean overwrite = Set.of("true", "1").contains(texts.getOrDefault("overwrite", ""));
            try {
                return reply(stored(folder, plain, overwrite, received));
            } catch (StoreRefused refused) {
                if (refused.reason() == StoreRefused.Reason.OUTSIDE) {
                    throw Refused.with(400, refused.getMessage());
                }
                throw refused;
            }
        }

        private ResultLabel.Filed stored(MediaFolder folder, String plain, boolean overwrite, Path received)
                throws IOException {
            MediaUpload upload =
                    folders.receive(folder, texts.getOrDefault("subfolder", ""), plain, overwrite, maxBytes);
            try {
                upload.grow(Files.size(received));
                Files.copy(received, upload.part(), StandardCopyOption.REPLACE_EXISTING);
                return upload.commit();
            } finally {
                upload.abort();
            }
        }

        /** Removes what was received. */
        Done close() throws IOException {
            if (file.isPresent()) {
                Files.deleteIfExists(file.get());
            }
            return Done.getInstance();
        }
    }

    private static HttpResponse reply(ResultLabel.Filed place) {
        ObjectNode json = Messages.object()
                .put("name", place.name())
                .put("subfolder", place.subfolder())
                .put("type", place.folder().wireName());
        return Replies.json(json);
    }
}
