package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.frame.PictureSize;
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
    /** A frame of fewer denoising steps is there about as soon as a look at it. */
    private static final int FEWEST_STEPS = 3;

    final long index;
    final long ptsMicros;
    /** Its camera latents once they are there; later what the denoiser made of them. */
    final Held latents = new Held();

    private final SharedBySize<Pictures>.Share share;
    private final boolean filmed;
    private Optional<VideoFrame> input;
    double motion;
    /** Noise levels of its denoising steps; empty until the first begins. */
    List<Double> sigmas = List.of();

    int denoised;
    /** After how many of them somebody last looked at it. */
    int lookedAt;

    /**
     * @param input of the camera; empty in text mode
     * @param share of the memory of its size; closed with the chunk
     */
    TinyChunk(long index, Optional<VideoFrame> input, long ptsMicros, SharedBySize<Pictures>.Share share) {
        this.index = index;
        this.share = share;
        this.input = input;
        this.filmed = input.isPresent();
        this.ptsMicros = ptsMicros;
    }

    /** Of the picture that it becomes. */
    PictureSize size() {
        return share.size();
    }

    /** What makes tensors and frames of that size. */
    Pictures pictures() {
        return share.memory();
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

    /** Whether it has become something since somebody last looked, and will not be finished at once anyway. */
    boolean worthALook() {
        return denoised > lookedAt && !painted() && sigmas.size() >= FEWEST_STEPS;
    }

    /** Position of its next step among all of the frame. */
    int stepIndex() {
        return denoised + (filmed && input.isEmpty() ? 1 : 0);
    }

    @Override
    public void close() {
        encoded();
        latents.close();
        share.close();
    }
}
