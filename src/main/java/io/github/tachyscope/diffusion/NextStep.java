package io.github.tachyscope.diffusion;

/** A generation's answer to "what is your next step on this lane?". */
public sealed interface NextStep {

    /**
     * A step that can run now.
     *
     * @param key which other steps it may share a batch with; {@code key.kind()} says what it does
     * @param chunkIndex the chunk it works for, from 0
     * @param stepIndex position of the step in its chunk, from 0
     * @param stepsLeft steps of this chunk that follow this one on any lane
     * @param relativeCost predicted cost in units of this pipeline's cheapest step; measured costs replace it
     */
    record StepPlan(BatchKey key, long chunkIndex, int stepIndex, int stepsLeft, double relativeCost)
            implements NextStep {}

    /** Nothing to do on this lane before this many input frames were fed. */
    record NeedsInput(int frames) implements NextStep {}

    /** Nothing to do before somebody asks for another chunk. */
    enum NeedsDemand implements NextStep {
        INSTANCE
    }

    /** Nothing to do on this lane now; another lane's step comes first. */
    enum Waits implements NextStep {
        INSTANCE
    }
}
