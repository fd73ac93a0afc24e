package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.FrameFile;
import io.github.tachyscope.media.GifWriter;
import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.store.ResultDraft;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** All frames in one file, begun with the size of the first. Rates that a format does not have become its nearest. */
final class AnimationWriter implements FrameWriter {
    /** Begins a file for frames of a size. */
    private interface Opening {
        FrameFile at(Path file, PictureSize size) throws IOException;
    }

    private final ResultDraft draft;
    private final Made made;
    private final Opening opening;
    private Optional<FrameFile> file = Optional.empty();

    private AnimationWriter(ResultDraft draft, Made made, Opening opening) {
        this.draft = draft;
        this.made = made;
        this.opening = opening;
    }

    static AnimationWriter webp(ResultDraft draft, Made made, Keep.Webp keep) {
        double fps = within(WebpWriter.MIN_FPS, keep.fps(), WebpWriter.MAX_FPS);
        WebpWriter.Settings settings = new WebpWriter.Settings(fps, keep.lossless(), keep.quality(), keep.effort());
        return new AnimationWriter(
                draft, made, (path, size) -> WebpWriter.open(path, size.width(), size.height(), settings));
    }

    static AnimationWriter gif(ResultDraft draft, Made made, Keep.Gif keep) {
        double fps = within(GifWriter.MIN_FPS, keep.fps(), GifWriter.MAX_FPS);
        return new AnimationWriter(draft, made, (path, size) -> GifWriter.open(path, fps));
    }

    static AnimationWriter webm(ResultDraft draft, Made made, Keep.Webm keep) {
        double fps = within(WebmWriter.MIN_FPS, keep.fps(), WebmWriter.MAX_FPS);
        WebmWriter.Settings settings = new WebmWriter.Settings(keep.codec(), fps, keep.crf());
        return new AnimationWriter(
                draft, made, (path, size) -> WebmWriter.open(path, size.width(), size.height(), settings));
    }

    private static double within(double least, double value, double most) {
        return Math.max(least, Math.min(most, value));
    }

    @Override
    public void write(List<VideoFrame> frames) throws IOException {
        if (file.isEmpty()) {
            file = Optional.of(opening.at(draft.path(made.name()), PictureSize.of(frames.get(0))));
        }
        for (VideoFrame frame : frames) {
            file.get().add(FrameWriter.rgb(frame));
        }
    }

    @Override
    public List<Made> finish() throws IOException {
        file.orElseThrow().finish();
        return List.of(made);
    }

    @Override
    public List<String> begun() {
        return List.of(made.name());
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
