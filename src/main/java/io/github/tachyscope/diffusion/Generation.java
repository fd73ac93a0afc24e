package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Set;

/**
 * All state of one session in one pipeline: latents, caches, prompt embeddings, random numbers, chunk and step index. A
 * resumable state machine, owned by its device's executor.
 *
 * <p>All methods are called by the executor's own thread, one at a time. {@link Pipeline#run} reads the state on a lane
 * thread; while it does, the executor calls no method here but {@link #next}, {@link #feed} and {@link #demand}, and
 * those do not touch what a running step reads. The state changes only in {@link #commit}, {@link #patch} and
 * {@link #dropChunk}: a step that throws leaves the generation as it was.
 *
 * <p>A generation whose geometry has {@linkplain ChunkGeometry#inFlight several chunks in flight} steps on several lanes
 * at once, one step on each. Then {@link #begin}, {@link #commit} and {@link #patch} also come while a step runs on
 * another lane (a patch even on any), so it fixes in {@code begin} what a step reads. {@link #dropChunk} and
 * {@link #close} come only when no step runs. Chunks end in their order.
 */
public interface Generation extends AutoCloseable {
    /**
     * The next step on {@code lane}, or why there is none.
     *
     * <p>A {@link StepKind#PREVIEW} is offered where the lane has no other step, an estimate is there that was not shown yet
     * and the parameters ask for it. Whether and when it runs is the scheduler's choice: nothing may depend on it. It may run
     * while a step of the same chunk runs on another lane, even with one chunk in flight, and begin or end while that does;
     * all methods but {@link #dropChunk} and {@link #close} may be called meanwhile. So {@link #begin} fixes what it reads,
     * and {@link #commit} of its result, or {@link #previewFailed}, frees that and changes nothing else.
     */
    NextStep next(Lane lane);

    /** The step that {@link #next} names on {@code lane} runs now; its result, or the end of the chunk, follows. */
    default void begin(Lane lane) {}

    /** Input frames of the next chunk, as many as its geometry asks for. Takes ownership. */
    void feed(List<VideoFrame> frames);

    /** Somebody wants one more chunk. */
    void demand();

    /**
     * Changes parameters, effective from the next step where the pipeline allows it, at the latest from the next chunk.
     *
     * @throws ParameterRejected if one of them cannot be honoured after all (a picture that does not exist); nothing of
     *     this patch is then in effect
     */
    void patch(Parameters patch);

    /**
     * Makes chunks cheaper, or no longer so, from the next chunk on at the latest. Only what the pipeline declares is asked
     * for; the parameters stay as they are and act again in full when this ends.
     */
    default void economize(Set<Economy> economies) {}

    /** Makes the result of this generation's last run step part of its state. */
    void commit(StepResult result);

    /** The {@link StepKind#PREVIEW} step that had begun gave no result; everything else goes on. */
    default void previewFailed() {}

    /**
     * Gives up the chunks under way: their input, their demand and what their steps computed are dropped, and the next
     * chunk starts over from what the last finished one left, under the index after that one. One-shot parameters that
     * they consumed do not come back.
     */
    default void dropChunk() {}

    /** Frees everything. */
    @Override
    void close();
}
