package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ConstantRate;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.MediaRefused;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.VideoReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * The pictures of footage, one after the other without end: at its end it begins anew. Blocks while it reads; used by
 * one thread at a time.
 */
abstract class FootageReader implements AutoCloseable {
    /** Buffers that are used again; a chunk's pictures are on their way at a time. */
    private static final int POOLED_FRAMES = 32;

    /**
     * Inputs of chunks, as many frames each as the geometry asks for. Beyond the frames that the plan wants the last
     * picture is repeated.
     */
    static Source<List<VideoFrame>, NotUsed> source(JobPlan plan, ChunkGeometry geometry, InputLimits limits) {
        return Source.unfoldResource(() -> new Inputs(plan, geometry, limits), Inputs::next, Inputs::close);
    }

    /**
     * Opens footage and reads what says its size.
     *
     * @param fps at which a video is sampled
     * @throws MediaRefused if the file cannot be used
     * @throws IOException if it cannot be read
     */
    static FootageReader open(Footage footage, int fps, InputLimits limits) throws IOException {
        if (footage instanceof Footage.Video video) {
            return new OfVideo(video.file(), fps, limits);
        } else if (footage instanceof Footage.Picture picture) {
            return new OfPicture(PictureReader.read(Files.readAllBytes(picture.file()), limits));
        }
        return new OfRaw((Footage.Raw) footage);
    }

    /** The next picture, owned by the caller. */
    abstract VideoFrame next(long ptsMicros) throws IOException;

    @Override
    public abstract void close();

    private static final class Inputs {
        private final JobPlan plan;
        private final ChunkGeometry geometry;
        private final InputLimits limits;
        private Optional<FootageReader> reader = Optional.empty();
        private long chunk;
        private long frames;
        private Optional<VideoFrame> last = Optional.empty();

        Inputs(JobPlan plan, ChunkGeometry geometry, InputLimits limits) {
            this.plan = plan;
            this.geometry = geometry;
            this.limits = limits;
        }

        Optional<List<VideoFrame>> next() throws IOException {
            if (reader.isEmpty()) {
                reader = Optional.of(open(plan.footage().orElseThrow(), plan.fps(), limits));
            }
            List<VideoFrame> input = new ArrayList<>();
            for (int i = geometry.framesIn(chunk++); i > 0; i--) {
                input.add(frame(Math.round(frames * 1e6 / plan.fps())));
                frames++;
            }
            return Optional.of(input);
        }

        private VideoFrame frame(long ptsMicros) throws IOException {
            if (frames < plan.frames()) {
                VideoFrame next = reader.orElseThrow().next(ptsMicros);
                last.ifPresent(VideoFrame::release);
                last = Optional.of(next.retain());
                return next;
            }
            return last.orElseThrow().retain();
        }

        void close() {
            last.ifPresent(VideoFrame::release);
            last = Optional.empty();
            reader.ifPresent(FootageReader::close);
        }
    }

    private static final class OfVideo extends FootageReader {
        private final Path file;
        private final int fps;
        private final InputLimits limits;
        private final FramePool pool = new FramePool(POOLED_FRAMES);
        private VideoReader video;
        private ConstantRate frames;

        OfVideo(Path file, int fps, InputLimits limits) throws IOException {
            this.file = file;
            this.fps = fps;
            this.limits = limits;
            this.video = VideoReader.open(file, limits, pool);
            this.frames = ConstantRate.of(video, fps);
        }

        @Override
        VideoFrame next(long ptsMicros) throws IOException {
            Optional<VideoFrame> next = frames.next();
            if (next.isEmpty()) {
                close();
                video = VideoReader.open(file, limits, pool);
                frames = ConstantRate.of(video, fps);
                next = frames.next();
            }
            return next.orElseThrow(() -> new EOFException("the video shows nothing"))
                    .at(ptsMicros);
        }

        @Override
        public void close() {
            frames.close();
            video.close();
        }
    }

    private static final class OfPicture extends FootageReader {
        private final VideoFrame picture;

        OfPicture(VideoFrame picture) {
            this.picture = picture;
        }

        @Override
        VideoFrame next(long ptsMicros) {
            return VideoFrame.of(picture.format(), picture.width(), picture.height(), picture.data(), ptsMicros);
        }

        @Override
        public void close() {
            // The garbage collector takes it.
        }
    }

    private static final class OfRaw extends FootageReader {
        private final Footage.Raw raw;
        private final FileChannel file;
        private final FramePool pool = new FramePool(POOLED_FRAMES);
        private long frames;

        OfRaw(Footage.Raw raw) throws IOException {
            this.raw = raw;
            this.file = FileChannel.open(raw.file(), StandardOpenOption.READ);
        }

        @Override
        VideoFrame next(long ptsMicros) throws IOException {
            VideoFrame frame = pool.take(PixelFormat.RGB24, raw.width(), raw.height(), ptsMicros);
            ByteBuffer buffer = ByteBuffer.wrap(frame.data(), 0, frame.bytes());
            long position = frames++ % raw.frames() * frame.bytes();
            while (buffer.hasRemaining()) {
                if (file.read(buffer, position + buffer.position()) < 0) {
                    throw new EOFException("the pictures end too early");
                }
            }
            return frame;
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException closedAnyway) {
                // Nothing was written to it.
            }
        }
    }
}
