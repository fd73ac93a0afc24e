package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.ChunkLine;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Held;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The frames that go through together, usually one.
 *
 * <pre>
 *   filmed --encoded--> encoded --call(s) of the stream, or step after step--> painted --decoded--> gone
 *      +---alike--> repeated --shown again--> gone
 *   (text) ----------->  encoded ...
 * </pre>
 */
final class StreamChunk implements ChunkLine.Chunk {
    final long index;
    final List<Long> ptsMicros;
    /** Of the camera, later what the denoiser made of them. */
    final Held latents = new Held();
    /** Virtual noise between the steps of a chunk that goes alone. */
    final Held virtual = new Held();

    private final SharedBySize<Pictures>.Share share;
    private List<VideoFrame> input;
    private boolean encoded;
    boolean repeated;
    boolean painted;
    /** Calls of the denoiser made for it. */
    int calls;
    /** Steps of a chunk that goes alone; fixed with the first. */
    @Nullable
    Plan alone;

    /** Whether a call of the stream was made for it, and the stream before the first one. */
    boolean entered;

    private @Nullable Stream before;

    /**
     * @param input of the camera; empty in text mode
     * @param share of what its size needs; closed with the chunk
     */
    StreamChunk(long index, List<VideoFrame> input, List<Long> ptsMicros, SharedBySize<Pictures>.Share share) {
        this.index = index;
        this.share = share;
        this.input = input;
        this.ptsMicros = ptsMicros;
    }

    @Override
    public long index() {
        return index;
    }

    /** Of the pictures that it becomes. */
    PictureSize size() {
        return share.size();
    }

    /** What makes tensors and frames of that size. */
    Pictures pictures() {
        return share.memory();
    }

    /** The pictures while they wait to be encoded. */
    List<VideoFrame> input() {
        return input;
    }

    /** Whether the denoiser has work with it. */
    boolean denoising() {
        return !painted && !repeated;
    }

    /** Whether no step of it has ended. */
    boolean untouched() {
        return !encoded && calls == 0 && denoising();
    }

    void encoded() {
        encoded = true;
        releaseInput();
    }

    private void releaseInput() {
        input.forEach(VideoFrame::release);
        input = List.of();
    }

    /** Position of its next step among all of the chunk. */
    int stepIndex() {
        return calls + (encoded ? 1 : 0);
    }

    /** A call of the stream was made for it; takes over the stream before, which is freed unless it is the first. */
    void entered(@Nullable Stream old) {
        if (!entered) {
            entered = true;
            before = old;
        } else if (old != null) {
            old.close();
        }
    }

    /** Gives the stream before its first call back. */
    Optional<Stream> before() {
        Stream stream = before;
        before = null;
        return Optional.ofNullable(stream);
    }

    @Override
    public void close() {
        releaseInput();
        latents.close();
        virtual.close();
        before().ifPresent(Stream::close);
        share.close();
    }
}
