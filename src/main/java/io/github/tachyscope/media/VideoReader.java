package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoFrame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * A video file from a client as a sequence of RGB24 frames, decoded when asked for: MP4, MOV, WebM, Matroska, AVI and
 * GIF, told by content.
 *
 * <pre>
 *   open: kind, size of the file --> size of the picture --> frames and times, without decoding
 *   next: a frame, a frame, ... --> empty at the end, which damage may bring early
 * </pre>
 *
 * <p>The file is read once before, to count its frames and measure its times: what containers say about both is often
 * missing and never to be trusted. No more of the file than some frames is in memory. Used by one thread at a time;
 * frees its native memory on {@link #close()} only.
 */
public final class VideoReader implements AutoCloseable {
    /** Packets that do not decode; with more of them the rest would be noise. */
    private static final int MAX_DAMAGED = 64;

    private final InputLimits limits;
    private final FramePool pool;
    private final Timeline timeline;
    private final Demuxer demuxer;
    private final FileDecoder decoder;
    private final NativePictures pictures;
    private final AVPacket packet;
    private final Orientation orientation;
    private final Info info;
    private int width;
    private int height;
    private Optional<Path> temporary = Optional.empty();
    private OptionalLong firstMicros = OptionalLong.empty();
    private long lastMicros = -1;
    private long delivered;
    private int damaged;
    private boolean drained;
    private boolean closed;

    /**
     * What the file holds.
     *
     * @param width of the upright picture
     * @param height of the upright picture
     * @param fps on average
     * @param frames in the file; damage may keep some from being shown
     */
    public record Info(int width, int height, double fps, long frames, long durationMicros) {}

    private VideoReader(Path file, Container container, long bytes, InputLimits limits, FramePool pool) {
        this.limits = limits;
        this.pool = pool;
        this.timeline = Timeline.of(file, container, bytes, limits);
        this.demuxer = new Demuxer(file, container, bytes);
        try {
            this.width = demuxer.video().codecpar().width();
            this.height = demuxer.video().codecpar().height();
            limits.checkSize(width, height);
            this.decoder = FileDecoder.forVideo(demuxer.video().codecpar(), limits);
        } catch (CodecFailure | MediaRefused failure) {
            demuxer.close();
            throw failure;
        }
        this.packet = allocated(av_packet_alloc());
        this.pictures = new NativePictures(pool);
        this.orientation = demuxer.orientation();
        this.info = new Info(
                orientation.swapsSides() ? height : width,
                orientation.swapsSides() ? width : height,
                timeline.fps(),
                timeline.frames(),
                timeline.durationMicros());
    }

    /**
     * @param pool where the frames get their buffers from
     * @throws MediaRefused if the file cannot be used; nothing has been decoded then
     * @throws IOException if it cannot be read
     */
    public static VideoReader open(Path file, InputLimits limits, FramePool pool) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw MediaRefused.unsupported("not a file");
        }
        long bytes = Files.size(file);
        limits.checkBytes(bytes);
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(Container.HEAD_BYTES);
        }
        Container container = Container.of(head)
                .orElseThrow(() -> MediaRefused.unsupported(
                        "not a video that is read here; MP4, MOV, WebM, Matroska, AVI and GIF are"));
        try {
            return new VideoReader(file, container, bytes, limits, pool);
        } catch (CodecFailure failure) {
            throw MediaRefused.damaged("the video cannot be read: " + failure.getMessage());
        }
    }

    /** The same for a file in memory, by way of one on disk that lasts as long as the reader. */
    public static VideoReader open(byte[] file, InputLimits limits, FramePool pool) throws IOException {
        limits.checkBytes(file.length);
        Path path = Files.createTempFile("tachyscope-video", "");
        try {
            Files.write(path, file);
            VideoReader reader = open(path, limits, pool);
            reader.temporary = Optional.of(path);
            return reader;
        } catch (IOException | RuntimeException failure) {
            Files.deleteIfExists(path);
            throw failure;
        }
    }

    public Info info() {
        return info;
    }

    Optional<Path> temporary() {
        return temporary;
    }

    FramePool pool() {
        return pool;
    }

    /** Makes all further frames this large, whatever their own size and shape; cheaper than scaling them afterwards. */
    public void scaleTo(int newWidth, int newHeight) {
        if (newWidth < 1
                || newHeight < 1
                || newWidth > VideoFrame.MAX_DIMENSION
                || newHeight > VideoFrame.MAX_DIMENSION) {
            throw new IllegalArgumentException("size " + newWidth + "x" + newHeight);
        }
        width = orientation.swapsSides() ? newHeight : newWidth;
        height = orientation.swapsSides() ? newWidth : newHeight;
    }

    /**
     * The next frame, owned by the caller, with its time since the first one; times grow. Empty at the end.
     *
     * @throws MediaRefused if the file turns out to break a limit, or to hold nothing that decodes
     */
    public Optional<VideoFrame> next() {
        if (closed) {
            throw new IllegalStateException("reader is closed");
        }
        try {
            Optional<AVFrame> decoded = decoder.picture();
            while (decoded.isEmpty() && !drained) {
                feed();
                decoded = decoder.picture();
            }
            if (decoded.isEmpty() && delivered == 0) {
                throw MediaRefused.damaged("the video shows nothing");
            }
            return decoded.map(this::frame);
        } catch (CodecFailure failure) {
            throw MediaRefused.damaged("the video cannot be decoded: " + failure.getMessage());
        }
    }

    private void feed() {
        if (!demuxer.read(packet)) {
            drained = true;
            decoder.send(null);
            return;
        }
        boolean taken = decoder.send(packet);
        av_packet_unref(packet);
        if (!taken && ++damaged > MAX_DAMAGED) {
            throw MediaRefused.damaged("the video is damaged in more than " + MAX_DAMAGED + " places");
        }
    }

    private VideoFrame frame(AVFrame picture) {
        limits.checkSize(picture.width(), picture.height());
        limits.checkFrames(++delivered);
        // Files may give several frames one time, or none at all; and some number the first one with the delay of the
        // decoder.
        OptionalLong stated = timeline.micros(picture.best_effort_timestamp());
        if (firstMicros.isEmpty()) {
            firstMicros = stated;
        }
        long since = stated.orElse(0) - firstMicros.orElse(0);
        long micros = since > lastMicros ? since : lastMicros + timeline.stepMicros();
        limits.checkDuration(micros);
        lastMicros = micros;
        return orientation.turned(pictures.frame(picture, width, height, micros), pool);
    }

    /** Frees the native decoder; further calls have no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        decoder.close();
        demuxer.close();
        pictures.close();
        av_packet_free(packet);
        temporary.ifPresent(VideoReader::delete);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            // It is in the system's folder for such files, which cleans up after us.
            file.toFile().deleteOnExit();
        }
    }
}
