package io.github.tachyscope.api.video;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.MediaRefused;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.VideoReader;
import io.github.tachyscope.session.job.Footage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Pictures and videos that requests start from, as files whose content was looked at. All methods block. */
public final class ReferenceFiles {
    /** Largest file of a still picture; it is decoded from memory. */
    private static final long MAX_PICTURE_BYTES = 64L << 20;

    private final InputLimits limits;
    private final RemoteInputs remote;

    public ReferenceFiles(InputLimits limits, RemoteInputs remote) {
        this.limits = limits;
        this.remote = remote;
    }

    /**
     * Stores what an address leads to.
     *
     * @param folder makes the place for it
     * @throws FieldRejected if it cannot be had or used
     */
    public Footage stored(Reference reference, Callable<Path> folder) throws Exception {
        byte[] data = reference.isData() ? reference.data() : new byte[0];
        if (data.length > limits.maxBytes()) {
            throw new FieldRejected(
                    reference.field(), "has " + data.length + " bytes of data; allowed are " + limits.maxBytes());
        }
        Path file = folder.call().resolve("reference");
        if (reference.isData()) {
            Files.write(file, data);
        } else {
            try {
                remote.fetch(URI.create(reference.url()), limits.maxBytes(), file);
            } catch (RemoteInputs.RemoteRefused refused) {
                throw new FieldRejected(reference.field(), "cannot be fetched: " + refused.getMessage());
            }
        }
        return footage(reference.field(), file, Optional.of(reference.kind()));
    }

    /**
     * What is in a file, whatever it is called.
     *
     * @param field that it came with
     * @param kind what it has to be
     * @throws FieldRejected if it cannot be used
     */
    public Footage footage(String field, Path file, Optional<Reference.Kind> kind) throws IOException {
        try {
            if (kind.isEmpty() || kind.get() == Reference.Kind.VIDEO) {
                Optional<Footage> video = video(file, kind.isPresent());
                if (video.isPresent()) {
                    return video.get();
                }
            }
            return picture(field, file, kind.isPresent());
        } catch (MediaRefused refused) {
            throw new FieldRejected(field, "cannot be used: " + refused.getMessage());
        }
    }

    private Optional<Footage> video(Path file, boolean only) throws IOException {
        try (VideoReader opened = VideoReader.open(file, limits, new FramePool(1))) {
            return Optional.of(new Footage.Video(file));
        } catch (MediaRefused refused) {
            if (only || refused.reason() != MediaRefused.Reason.UNSUPPORTED) {
                throw refused;
            }
            return Optional.empty();
        }
    }

    private Footage picture(String field, Path file, boolean only) throws IOException {
        InputLimits own = new InputLimits(
                Math.min(MAX_PICTURE_BYTES, limits.maxBytes()),
                limits.maxWidth(),
                limits.maxHeight(),
                limits.maxFrames(),
                limits.maxDuration());
        long bytes = Files.size(file);
        if (bytes > own.maxBytes()) {
            // Too large for a picture, and no video either.
            throw new FieldRejected(
                    field,
                    "has " + bytes + " bytes and is no video that is read here; pictures may have " + own.maxBytes());
        }
        try {
            PictureReader.read(Files.readAllBytes(file), own).release();
        } catch (MediaRefused refused) {
            if (!only && refused.reason() == MediaRefused.Reason.UNSUPPORTED) {
                throw new FieldRejected(
                        field,
                        "is neither a picture (PNG, JPEG, WebP, GIF) nor a video (MP4, MOV, WebM, Matroska, AVI, GIF)");
            }
            throw refused;
        }
        return new Footage.Picture(file);
    }
}
