package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.store.ResultDraft;
import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** The pictures as they are. */
final class RawWriter implements FrameWriter {
    private final String name;
    private final OutputStream out;

    RawWriter(ResultDraft draft, String name) throws IOException {
        this.name = name;
        this.out = draft.create(name);
    }

    @Override
    public void write(List<VideoFrame> frames) throws IOException {
        for (VideoFrame frame : frames) {
            VideoFrame rgb = FrameWriter.rgb(frame);
            out.write(rgb.data(), 0, rgb.bytes());
        }
    }

    @Override
    public List<Made> finish() throws IOException {
        out.close();
        return List.of(new Made(name, ResultFile.Kind.DATA, "application/octet-stream"));
    }

    @Override
    public List<String> begun() {
        return List.of(name);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
