package io.github.tachyscope.media;

import static io.github.tachyscope.media.Ffmpeg.allocated;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_DISCARD;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVRational;

/**
 * When the frames of a video file are shown, measured by walking through its packets without decoding them.
 *
 * @param microsPerTick of the file
 */
record Timeline(double microsPerTick, long frames, long durationMicros) {
    /** Where times are missing or all the same. */
    private static final double USUAL_FPS = 25;
    /** Times beyond this many microseconds are nonsense; protects arithmetic. */
    private static final double MAX_MICROS = 1e15;

    /**
     * @throws MediaRefused if there are more frames, or more time, than allowed
     * @throws CodecFailure if the file cannot be read
     */
    static Timeline of(Path file, Container container, long bytes, InputLimits limits) {
        AVPacket packet = allocated(av_packet_alloc());
        try (Demuxer demuxer = new Demuxer(file, container, bytes)) {
            AVRational base = demuxer.video().time_base();
            double microsPerTick = base.den() == 0 ? 1 : 1e6 * base.num() / base.den();
            return walk(demuxer, packet, microsPerTick, limits);
        } finally {
            av_packet_free(packet);
        }
    }

    private static Timeline walk(Demuxer demuxer, AVPacket packet, double microsPerTick, InputLimits limits) {
        long frames = 0;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        long lastTicks = 0;
        while (demuxer.read(packet)) {
            if ((packet.flags() & AV_PKT_FLAG_DISCARD) != 0) {
                // Cut away by the author of the file; only decoders need it.
                av_packet_unref(packet);
                continue;
            }
            limits.checkFrames(++frames);
            long tick = packet.pts() != AV_NOPTS_VALUE ? packet.pts() : packet.dts();
            long ticks = packet.duration();
            av_packet_unref(packet);
            if (tick == AV_NOPTS_VALUE || Math.abs(tick * microsPerTick) > MAX_MICROS) {
                continue;
            }
            first = Math.min(first, tick);
            if (tick > last) {
                last = tick;
                lastTicks = ticks;
            }
            limits.checkDuration(Math.round((last - first) * microsPerTick));
        }
        if (frames == 0) {
            throw MediaRefused.damaged("the video has no frames");
        }
        if (first >= last) {
            long length = Math.round(frames * 1e6 / USUAL_FPS);
            limits.checkDuration(length);
            return new Timeline(microsPerTick, frames, length);
        }
        double step = (last - first) * microsPerTick / Math.max(1, frames - 1);
        boolean plausible = lastTicks > 0 && lastTicks * microsPerTick < MAX_MICROS;
        long length = Math.round((last - first) * microsPerTick + (plausible ? lastTicks * microsPerTick : step));
        limits.checkDuration(length);
        return new Timeline(microsPerTick, frames, length);
    }

    double fps() {
        return frames * 1e6 / durationMicros;
    }

    /** From one frame to the next, on average. */
    long stepMicros() {
        return Math.max(1, durationMicros / frames);
    }

    /** The time of a frame in the file; empty for a tick that is none. */
    OptionalLong micros(long tick) {
        double micros = tick * microsPerTick;
        return tick == AV_NOPTS_VALUE || Math.abs(micros) > MAX_MICROS
                ? OptionalLong.empty()
                : OptionalLong.of(Math.round(micros));
    }
}
