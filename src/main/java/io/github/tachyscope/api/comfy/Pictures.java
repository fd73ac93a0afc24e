package io.github.tachyscope.api.comfy;

import io.github.tachyscope.media.CodecFailure;
import io.github.tachyscope.session.job.JobDesk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.http.javadsl.model.ws.BinaryMessage;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.model.ws.TextMessage;
import org.apache.pekko.util.ByteString;

/** What waits for a client, as a message. Files are read when their turn comes. */
final class Pictures {
    private final JobDesk desk;
    private final Executor blocking;

    /** @param blocking for files and codecs */
    Pictures(JobDesk desk, Executor blocking) {
        this.desk = desk;
        this.blocking = blocking;
    }

    /**
     * @param metadata whether the client takes previews that say what they are of
     * @param moving whether it takes previews that move
     * @return nothing if a picture is gone
     */
    CompletionStage<Optional<Message>> message(Outbox.Item item, boolean metadata, boolean moving) {
        if (item instanceof Outbox.Text text) {
            return CompletableFuture.completedFuture(Optional.of(TextMessage.create(text.json())));
        } else if (item instanceof Outbox.Picture picture) {
            return desk.file(picture.job(), picture.file())
                    .thenApplyAsync(path -> path.flatMap(Pictures::png).map(Pictures::binary), blocking);
        }
        Told.Preview preview = ((Outbox.Preview) item).preview();
        if (moving && preview.jpegs().size() > 1) {
            return CompletableFuture.supplyAsync(() -> Optional.of(animation(preview)), blocking);
        }
        byte[] still = preview.jpegs().get(0);
        return CompletableFuture.completedFuture(
                Optional.of(metadata ? described(preview, "image/jpeg", still) : binary(BinaryFrames.jpeg(still))));
    }

    private static Message animation(Told.Preview preview) {
        try {
            return described(preview, "image/webp", AnimatedPreview.webp(preview.jpegs()));
        } catch (IOException | CodecFailure notMade) {
            return described(preview, "image/jpeg", preview.jpegs().get(0));
        }
    }

    private static Message described(Told.Preview preview, String mediaType, byte[] picture) {
        return binary(BinaryFrames.withMetadata(
                Messages.previewMetadata(preview.prompt(), preview.node(), mediaType), picture));
    }

    private static Optional<byte[]> png(Path path) {
        try {
            return Optional.of(BinaryFrames.png(Files.readAllBytes(path)));
        } catch (IOException removedNow) {
            return Optional.empty();
        }
    }

    private static Message binary(byte[] frame) {
        return BinaryMessage.create(ByteString.fromArrayUnsafe(frame));
    }
}
