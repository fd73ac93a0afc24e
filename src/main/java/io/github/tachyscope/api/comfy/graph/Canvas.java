package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.frame.PictureSize;
import java.util.Optional;

/**
 * What is made.
 *
 * @param size of each frame, in multiples of 8; empty for that of the start picture ({@link PictureSource#canvas})
 * @param frames of each video; 1 for pictures
 * @param batch pictures or videos to make
 */
public record Canvas(Optional<PictureSize> size, int frames, int batch) {
    /** Pixels that one latent pixel stands for, each way. */
    static final int LATENT = 8;

    /** How many frames a model of videos makes when it is asked for so many. */
    static int videoFrames(int length) {
        return 4 * ((length - 1) / 4) + 1;
    }
}
