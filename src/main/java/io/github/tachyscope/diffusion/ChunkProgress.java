package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Where a generation stands: which chunk, which step, what was asked for and what was fed.
 *
 * <pre>
 *   idle --demand and input are there--> begun --commit of each step--> ... --last--> idle (next chunk)
 *   begun --drop--> idle (same chunk)
 * </pre>
 */
public final class ChunkProgress {
    private final ChunkGeometry geometry;
    private final Deque<VideoFrame> waiting = new ArrayDeque<>();
    private List<VideoFrame> input = List.of();
    private long chunkIndex;
    private int stepIndex;
    private int demand;
    private boolean begun;

    public ChunkProgress(ChunkGeometry geometry) {
        this.geometry = geometry;
    }

    public void feed(List<VideoFrame> frames) {
        waiting.addAll(frames);
    }

    public void demand() {
        demand++;
    }

    /** Takes the input of the next chunk if somebody asked for it and all is there; whether a chunk has now begun. */
    public boolean begin() {
        if (begun || demand == 0 || missing() > 0) {
            return false;
        }
        List<VideoFrame> taken = new ArrayList<>();
        for (int i = geometry.framesIn(chunkIndex); i > 0; i--) {
            taken.add(waiting.remove());
        }
        input = List.copyOf(taken);
        begun = true;
        stepIndex = 0;
        return true;
    }

    /** The answer to "what next?" while no chunk is under way. */
    public NextStep idle() {
        return demand == 0 ? NextStep.NeedsDemand.INSTANCE : new NextStep.NeedsInput(missing());
    }

    private int missing() {
        return Math.max(0, geometry.framesIn(chunkIndex) - waiting.size());
    }

    public boolean begun() {
        return begun;
    }

    public long chunkIndex() {
        return chunkIndex;
    }

    public int stepIndex() {
        return stepIndex;
    }

    /** Frames that the chunk under way makes. */
    public int framesOut() {
        return geometry.framesOut(chunkIndex);
    }

    /** The input of the chunk under way; released when it ends. */
    public List<VideoFrame> input() {
        return input;
    }

    public void stepDone() {
        stepIndex++;
    }

    /** Ends the chunk under way; the input is released. */
    public void chunkDone() {
        endChunk();
        chunkIndex++;
    }

    /** Gives up the chunk under way and all that waits. */
    public void drop() {
        endChunk();
        demand = 0;
        waiting.forEach(VideoFrame::release);
        waiting.clear();
    }

    private void endChunk() {
        input.forEach(VideoFrame::release);
        input = List.of();
        stepIndex = 0;
        if (begun) {
            demand--;
        }
        begun = false;
    }
}
