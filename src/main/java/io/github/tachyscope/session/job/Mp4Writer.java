package io.github.tachyscope.session.job;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ChunkMp4;
import io.github.tachyscope.media.H264Options;
import io.github.tachyscope.media.ProgressiveMp4;
import io.github.tachyscope.store.ResultDraft;
import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A stream that can be watched, and at the end a file that can be searched. */
final class Mp4Writer implements FrameWriter {
    private final ResultDraft draft;
    private final String name;
    private final int fps;
    private final Map<String, String> wishes;
    private final MediaSettings media;
    private final MediaClock clock;
    private final GrowingFile growing;
    private Optional<ChunkMp4> stream = Optional.empty();

    /** @param wishes for the encoder */
    Mp4Writer(
            ResultDraft draft,
            String name,
            double fps,
            Map<String, String> wishes,
            MediaSettings media,
            MediaClock clock)
            throws IOException {
        this.draft = draft;
        this.name = name;
        this.fps = (int) Math.max(1, Math.min(ChunkMp4.MAX_FPS, Math.round(fps)));
        this.wishes = wishes;
        this.media = media;
        this.clock = clock;
        this.growing = new GrowingFile(draft.path(streamName()));
    }

    private String streamName() {
        return "stream-" + name;
    }

    @Override
    public void write(List<VideoFrame> frames) throws IOException {
        if (stream.isEmpty()) {
            VideoFrame first = frames.get(0);
            stream = Optional.of(
                    ChunkMp4.open(first.width(), first.height(), fps, H264Options.from(wishes), media, clock));
        }
        growing.append(ByteBuffer.wrap(stream.get().write(frames).bytes()));
    }

    @Override
    public List<Made> finish() throws IOException {
        growing.end();
        ProgressiveMp4.write(draft.path(streamName()), draft.path(name));
        return List.of(new Made(name, ResultFile.Kind.VIDEO, "video/mp4"));
    }

    @Override
    public List<String> begun() {
        return List.of(streamName(), name);
    }

    @Override
    public Optional<GrowingFile> live() {
        return Optional.of(growing);
    }

    @Override
    public void close() throws IOException {
        stream.ifPresent(ChunkMp4::close);
        growing.end();
    }
}
