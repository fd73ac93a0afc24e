package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.config.VideoSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.Multipart;
import org.apache.pekko.http.javadsl.unmarshalling.Unmarshaller;
import org.apache.pekko.http.scaladsl.model.ExceptionWithErrorInfo;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.util.ByteString;

/** Bodies of requests in all their forms. A file in one goes to the disk while it arrives, everything else is small. */
final class RequestBody {
    private static final String FILE_FIELD = "input_reference";

    private final VideoSettings settings;

    RequestBody(VideoSettings settings) {
        this.settings = settings;
    }

    /**
     * What came.
     *
     * @param file that stood in {@code input_reference}
     */
    record Received(ObjectNode fields, Optional<Path> file) {}

    /** @param folder makes the place for a file; may block */
    CompletionStage<Received> read(Call call, Callable<Path> folder) {
        HttpEntity entity = call.request().entity();
        MediaType type = entity.getContentType().mediaType();
        String name = (type.mainType() + "/" + type.subType()).toLowerCase(java.util.Locale.ROOT);
        boolean multipart = name.equals("multipart/form-data");
        checkAnnounced(entity, multipart ? settings.maxUploadBytes() : settings.maxJsonBytes());
        if (multipart) {
            return new Form(call, folder).read();
        }
        CompletionStage<byte[]> bytes = call.bytes(settings.maxJsonBytes());
        return switch (name) {
            case "application/x-www-form-urlencoded" ->
                bytes.thenApply(body -> new Received(FormFields.ofUrlEncoded(body), Optional.empty()));
            // Some clients forget to say what they send.
            case "application/json", "text/plain", "application/octet-stream", "none/none" ->
                bytes.thenApply(body -> new Received(FormFields.ofJson(body), Optional.empty()));
            default ->
                throw Refused.with(
                        400,
                        "A body of type " + name + " is not understood here; send application/json,"
                                + " multipart/form-data or application/x-www-form-urlencoded.");
        };
    }

    private static void checkAnnounced(HttpEntity entity, long most) {
        OptionalLong announced = entity.getContentLengthOption();
        if (announced.isPresent() && announced.getAsLong() > most) {
            throw tooLarge(most);
        }
    }

    private static Refused malformed() {
        return Refused.with(400, "The form is malformed.");
    }

    private static Refused tooLarge(long most) {
        return Refused.with(
                413,
                "The request is larger than the " + most + " bytes that are allowed (tachyscope.video.max-upload-size"
                        + " with a file, tachyscope.video.max-json-size without).");
    }

    /** One multipart body; its parts arrive one after the other. */
    private final class Form {
        private final Call call;
        private final Callable<Path> folder;
        private final List<Map.Entry<String, String>> texts = new ArrayList<>();
        private Optional<Path> file = Optional.empty();
        private long textBytes;

        Form(Call call, Callable<Path> folder) {
            this.call = call;
            this.folder = folder;
        }

        CompletionStage<Received> read() {
            if (!call.request().entity().getContentType().toString().contains("boundary=")) {
                throw malformed();
            }
            return Unmarshaller.entityToMultipartFormData()
                    .unmarshal(call.entity().withSizeLimit(settings.maxUploadBytes()), call.system())
                    .thenCompose(form -> form.getParts()
                            .map(part -> (Multipart.FormData.BodyPart) part)
                            .mapAsync(1, this::take)
                            .runForeach(done -> {}, call.system()))
                    .exceptionally(Form::explain)
                    .thenApply(done -> new Received(FormFields.ofTexts(texts), file));
        }

        private static Done explain(Throwable failure) {
            Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            if (cause instanceof ExceptionWithErrorInfo) {
                throw malformed();
            }
            throw new CompletionException(cause);
        }

        private CompletionStage<Done> take(Multipart.FormData.BodyPart part) {
            if (part.getName().equals(FILE_FIELD) && part.getFilename().isPresent()) {
                return store(part);
            }
            if (part.getFilename().isPresent()) {
                return part.getEntity().getDataBytes().runForeach(bytes -> {}, call.system());
            }
            if (texts.size() >= FormFields.MOST_FIELDS) {
                throw Refused.with(400, "The form has more than " + FormFields.MOST_FIELDS + " fields.");
            }
            return part.getEntity()
                    .getDataBytes()
                    .runFold(ByteString.emptyByteString(), this::append, call.system())
                    .thenApply(text -> {
                        texts.add(Map.entry(part.getName(), text.decodeString(StandardCharsets.UTF_8)));
                        return Done.getInstance();
                    });
        }

        private ByteString append(ByteString text, ByteString more) {
            textBytes += more.size();
            if (textBytes > settings.maxJsonBytes()) {
                throw tooLarge(settings.maxJsonBytes());
            }
            return text.concat(more);
        }

        private CompletionStage<Done> store(Multipart.FormData.BodyPart part) {
            if (file.isPresent()) {
                throw new FieldRejected(FILE_FIELD, "is there twice; one picture or video is allowed");
            }
            return call.blocking(() -> folder.call().resolve("upload"))
                    .thenCompose(path -> part.getEntity()
                            .getDataBytes()
                            .runWith(FileIO.toPath(path), call.system())
                            .thenCompose(written -> written.status().isFailure()
                                    ? CompletableFuture.failedFuture(written.getError())
                                    : call.blocking(() -> {
                                        // Browsers send an empty file where none was chosen.
                                        file = Files.size(path) == 0 ? Optional.empty() : Optional.of(path);
                                        return Done.getInstance();
                                    })));
        }
    }
}
