package io.github.tachyscope.session.job;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ChunkMp4;
import io.github.tachyscope.media.H264Options;
import io.github.tachyscope.media.ProgressiveMp4;
import io.github.tachyscope.media.Thumbnail;
import io.github.tachyscope.store.ResultDraft;
import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is kept of the chunks of a job, while it is made. All methods block; one thread at a time. */
abstract class JobOutput implements AutoCloseable {
    private static final String THUMBNAIL = "thumbnail.jpg";
    private static final int THUMBNAIL_SIDE = 320;
    private static final int PREVIEW_SIDE = 256;

    private final ResultDraft draft;
    private Optional<PictureSize> size = Optional.empty();
    private long frames;
    private long encodeMicros;

    private JobOutput(ResultDraft draft) {
        this.draft = draft;
    }

    /** Opens what the plan wants; the draft is closed with it. */
    static JobOutput of(JobPlan plan, ResultDraft draft, MediaSettings media, MediaClock clock) throws IOException {
        return switch (plan.output()) {
            case MP4 -> new Mp4(plan, draft, media, clock);
            case RAW -> new Raw(draft);
        };
    }

    /**
     * A chunk that was taken.
     *
     * @param previewJpeg its first picture, small
     */
    record Taken(long chunk, int frames, byte[] previewJpeg) {}

    /** Takes a chunk and its frames. */
    Taken take(Chunk chunk) throws IOException {
        try {
            VideoFrame first = chunk.frames().get(0);
            if (size.isEmpty()) {
                size = Optional.of(new PictureSize(first.width(), first.height()));
                thumbnail(first);
            }
            encodeMicros += write(chunk.frames());
            frames += chunk.frames().size();
            return new Taken(chunk.index(), chunk.frames().size(), Thumbnail.jpeg(first, PREVIEW_SIDE));
        } finally {
            chunk.frames().forEach(VideoFrame::release);
        }
    }

    private void thumbnail(VideoFrame first) throws IOException {
        try (OutputStream out = draft.create(THUMBNAIL)) {
            out.write(Thumbnail.jpeg(first, THUMBNAIL_SIDE));
        }
    }

    /** Writes frames; the time that encoding took, in microseconds. */
    abstract long write(List<VideoFrame> chunk) throws IOException;

    /** Completes the files, without publishing them. */
    abstract ResultDraft.Entry complete() throws IOException;

    /** What can be watched while it grows. */
    Optional<GrowingFile> live() {
        return Optional.empty();
    }

    /** Completes and publishes everything. */
    final List<ResultFile> publish() throws IOException {
        List<ResultDraft.Entry> entries = new ArrayList<>();
        entries.add(complete());
        entries.add(new ResultDraft.Entry(THUMBNAIL, ResultFile.Kind.THUMBNAIL, "image/jpeg", ""));
        return draft.publish(entries);
    }

    final ResultDraft draft() {
        return draft;
    }

    /** Of the pictures; empty before the first. */
    final Optional<PictureSize> size() {
        return size;
    }

    final long frames() {
        return frames;
    }

    final double encodeSeconds() {
        return encodeMicros / 1e6;
    }

    /** Removes what was not published. */
    @Override
    public void close() {
        draft.close();
    }

    /** A stream that can be watched, and at the end a file that can be searched. */
    private static final class Mp4 extends JobOutput {
        private static final String STREAM = "stream.mp4";
        private static final String VIDEO = "video.mp4";

        private final JobPlan plan;
        private final MediaSettings media;
        private final MediaClock clock;
        private final GrowingFile growing;
        private Optional<ChunkMp4> stream = Optional.empty();

        Mp4(JobPlan plan, ResultDraft draft, MediaSettings media, MediaClock clock) throws IOException {
            super(draft);
            this.plan = plan;
            this.media = media;
            this.clock = clock;
            this.growing = new GrowingFile(draft.path(STREAM));
        }

        @Override
        long write(List<VideoFrame> chunk) throws IOException {
            if (stream.isEmpty()) {
                VideoFrame first = chunk.get(0);
                stream = Optional.of(ChunkMp4.open(
                        first.width(), first.height(), plan.fps(), H264Options.from(plan.encoder()), media, clock));
            }
            ChunkMp4.Chunk encoded = stream.get().write(chunk);
            growing.append(ByteBuffer.wrap(encoded.bytes()));
            return encoded.encodeMicros();
        }

        @Override
        ResultDraft.Entry complete() throws IOException {
            growing.end();
            ProgressiveMp4.write(draft().path(STREAM), draft().path(VIDEO));
            return new ResultDraft.Entry(VIDEO, ResultFile.Kind.VIDEO, "video/mp4", "");
        }

        @Override
        Optional<GrowingFile> live() {
            return Optional.of(growing);
        }

        @Override
        public void close() {
            stream.ifPresent(ChunkMp4::close);
            try {
                growing.end();
            } catch (IOException removedAnyway) {
                // An unpublished stream is of no use to anybody.
            }
            super.close();
        }
    }

    /** The pictures as they are. */
    private static final class Raw extends JobOutput {
        private static final String FRAMES = "frames.rgb";

        private final OutputStream out;

        Raw(ResultDraft draft) throws IOException {
            super(draft);
            this.out = draft.create(FRAMES);
        }

        @Override
        long write(List<VideoFrame> chunk) throws IOException {
            for (VideoFrame frame : chunk) {
                if (frame.format() == PixelFormat.RGB24) {
                    out.write(frame.data(), 0, frame.bytes());
                } else {
                    VideoFrame rgb = Thumbnail.of(frame, frame.width(), frame.height());
                    out.write(rgb.data(), 0, rgb.bytes());
                }
            }
            return 0;
        }

        @Override
        ResultDraft.Entry complete() throws IOException {
            out.close();
            return new ResultDraft.Entry(FRAMES, ResultFile.Kind.DATA, "application/octet-stream", "");
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException removedAnyway) {
                // Unpublished pictures are of no use to anybody.
            }
            super.close();
        }
    }
}
