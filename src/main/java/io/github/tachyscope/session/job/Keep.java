package io.github.tachyscope.session.job;

import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.store.Filing;
import java.util.Map;
import java.util.Optional;

/** What a job keeps of the frames of a plan. Several keeps see the same frames; {@link KeepJson} stores them. */
public sealed interface Keep {

    /** Who asked for it, such as a node of a graph; may be empty. */
    String label();

    /** Where it is to stand besides the job's own files. */
    Optional<Filing> filing();

    /**
     * A video in H.264, which can be watched while it grows.
     *
     * @param fps rounded to whole frames
     */
    record Mp4(String label, Optional<Filing> filing, double fps) implements Keep {
        public Mp4 {
            positive(fps);
        }
    }

    /** Bytes {@code [frames, height, width, 3]}. */
    record Raw(String label, Optional<Filing> filing) implements Keep {}

    /**
     * A PNG file for each frame.
     *
     * @param text chunks of text in each of them, by keyword
     */
    record Pictures(String label, Optional<Filing> filing, Map<String, String> text) implements Keep {
        public Pictures {
            text = Map.copyOf(text);
        }
    }

    /** An animation that loops for ever. */
    record Webp(
            String label, Optional<Filing> filing, double fps, boolean lossless, int quality, WebpWriter.Effort effort)
            implements Keep {
        public Webp {
            positive(fps);
        }
    }

    /** An animation that loops for ever, of 256 colours a frame and at most {@code GifWriter.MAX_FPS}. */
    record Gif(String label, Optional<Filing> filing, double fps) implements Keep {
        public Gif {
            positive(fps);
        }
    }

    /**
     * A video in a free format.
     *
     * @param crf 0 (best) to 63
     */
    record Webm(String label, Optional<Filing> filing, double fps, WebmWriter.Codec codec, double crf) implements Keep {
        public Webm {
            positive(fps);
        }
    }

    private static void positive(double fps) {
        if (!(fps > 0) || Double.isInfinite(fps)) {
            throw new IllegalArgumentException(fps + " fps");
        }
    }
}
