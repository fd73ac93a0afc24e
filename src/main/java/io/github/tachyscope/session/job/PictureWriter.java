package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.PngEncoder;
import io.github.tachyscope.store.ResultDraft;
import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A PNG file for each frame. */
final class PictureWriter implements FrameWriter {
    private final ResultDraft draft;
    private final String stem;
    private final Map<String, String> text;
    private final List<String> names = new ArrayList<>();

    /** @param stem of the names, before the number of the frame */
    PictureWriter(ResultDraft draft, String stem, Map<String, String> text) {
        this.draft = draft;
        this.stem = stem;
        this.text = text;
    }

    @Override
    public void write(List<VideoFrame> frames) throws IOException {
        for (VideoFrame frame : frames) {
            String name = String.format(Locale.ROOT, "%s-%05d.png", stem, names.size() + 1);
            names.add(name);
            try (OutputStream out = draft.create(name)) {
                out.write(PngEncoder.encode(FrameWriter.rgb(frame), text));
            }
        }
    }

    @Override
    public List<Made> finish() {
        return names.stream()
                .map(name -> new Made(name, ResultFile.Kind.FRAME, "image/png"))
                .toList();
    }

    @Override
    public List<String> begun() {
        return List.copyOf(names);
    }

    @Override
    public void close() {
        // Each file was closed when it was written.
    }
}
