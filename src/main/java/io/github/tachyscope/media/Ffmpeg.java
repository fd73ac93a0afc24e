package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_PANIC;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_max_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;

/** What all users of the native library share: its log level and its error numbers. */
final class Ffmpeg {
    /** "No output yet" or "take the output first". */
    static final int AGAIN = avutil.AVERROR_EAGAIN();
    /** Time base of everything here: microseconds. */
    static final int TICKS_PER_SECOND = 1_000_000;

    private static final int MESSAGE_BYTES = 128;
    /**
     * Largest single block of native memory; protects it from files that announce a million frames in ten bytes. A
     * picture of 4096 x 4096 in 16 bit colour has 128 MiB.
     */
    private static final long MAX_BLOCK_BYTES = 192L << 20;

    static {
        // Everything below is reported as a CodecFailure; a hostile stream must not be able to fill the log.
        av_log_set_level(AV_LOG_PANIC);
        av_max_alloc(MAX_BLOCK_BYTES);
    }

    private Ffmpeg() {}

    /** {@code result}, or a failure that says what was being done. */
    static int check(int result, String doing) {
        if (result < 0) {
            throw new CodecFailure(doing + ": " + describe(result));
        }
        return result;
    }

    /** Native allocations return null when memory is short. */
    static <T extends org.bytedeco.javacpp.Pointer> T allocated(T pointer) {
        if (pointer == null || pointer.isNull()) {
            throw new CodecFailure("out of native memory");
        }
        return pointer;
    }

    private static String describe(int error) {
        byte[] text = new byte[MESSAGE_BYTES];
        av_strerror(error, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
