package io.github.tachyscope.flow;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * Between two pipelines of a chain: the frames of one pipeline's chunks become the inputs of the next one's. Nothing is
 * dropped; frames wait until a chunk is full.
 */
final class Regroup {
    private final ChunkGeometry geometry;
    private List<VideoFrame> waiting = new ArrayList<>();
    private long chunkIndex;

    Regroup(ChunkGeometry geometry) {
        this.geometry = geometry;
    }

    /** Adds frames; returns the chunks that are full now, none or several. */
    List<List<VideoFrame>> add(List<VideoFrame> frames) {
        List<List<VideoFrame>> full = new ArrayList<>();
        for (VideoFrame frame : frames) {
            waiting.add(frame);
            if (waiting.size() >= geometry.framesIn(chunkIndex)) {
                full.add(waiting);
                waiting = new ArrayList<>();
                chunkIndex++;
            }
        }
        return full;
    }
}
