package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;

/**
 * One frame on its way.
 *
 * <pre>
 *   (filmed --encoded-->) started --denoised x n--> painted --decoded--> gone
 * </pre>
 */
final class TinyChunk implements AutoCloseable {
    final long index;
    final long ptsMicros;
    /** Its camera latents once they are there; later what the denoiser made of them. */
    final Held latents = new Held();

    private final boolean filmed;
    private Optional<VideoFrame> input;
    double motion;
    /** Noise levels of its denoising steps; empty until the first begins. */
    List<Double> sigmas = List.of();

    int denoised;

    /** @param input of the camera; empty in text mode */
    TinyChunk(long index, Optional<VideoFrame> input, long ptsMicros) {
        this.index = index;
        this.input = input;
        this.filmed = input.isPresent();
        this.ptsMicros = ptsMicros;
    }

    /** The picture while it waits to be encoded. */
    Optional<VideoFrame> input() {
        return input;
    }

    void encoded() {
        input.ifPresent(VideoFrame::release);
        input = Optional.empty();
    }

    boolean painted() {
        return !sigmas.isEmpty() && denoised == sigmas.size();
    }

    /** Position of its next step among all of the frame. */
    int stepIndex() {
        return denoised + (filmed && input.isEmpty() ? 1 : 0);
    }

    @Override
    public void close() {
        encoded();
        latents.close();
    }
}
