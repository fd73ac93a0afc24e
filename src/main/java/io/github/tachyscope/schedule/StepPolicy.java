package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.exec.RunId;
import java.util.List;

/** Which steps run next on a free thread of a device: a pure function of what waits. */
@FunctionalInterface
public interface StepPolicy {

    /**
     * A step that could run now.
     *
     * @param order position of its run among all runs ever opened; breaks ties
     * @param maxBatch of its pipeline
     * @param stepIndex position in its chunk, from 0
     * @param askedMicros when its chunk was asked for
     * @param deadlineMicros when its chunk should be there; {@link Long#MAX_VALUE} for batch runs
     * @param readyMicros since when the step waits
     * @param stepMicros predicted time of the step alone, 0 if unknown
     * @param chunkMicros predicted time from now to the end of its chunk if it runs alone at once
     * @param virtualMicros device time that a batch run has had, divided by its weight
     */
    record Candidate(
            RunId runId,
            long order,
            Scheduler.Urgency urgency,
            String pipelineKey,
            BatchKey key,
            int maxBatch,
            int stepIndex,
            long askedMicros,
            long deadlineMicros,
            long readyMicros,
            long stepMicros,
            long chunkMicros,
            double virtualMicros) {

        boolean live() {
            return urgency == Scheduler.Urgency.LIVE;
        }

        /** Time that is left when it runs alone from now on; negative if it is late. */
        long slackMicros(long nowMicros) {
            return deadlineMicros - nowMicros - chunkMicros;
        }

        boolean mayJoin(Candidate head) {
            return key.equals(head.key) && pipelineKey.equals(head.pipelineKey);
        }
    }

    /**
     * A step of a live run that is about to wait for the thread: the one before it runs on another thread.
     *
     * @param atMicros when that one should end
     * @param spareMicros for how long it may be held up then without a miss of its deadline; negative if that is missed
     */
    record Arrival(long atMicros, long spareMicros) {}

    /** Predicted time of a batch. */
    @FunctionalInterface
    interface BatchCost {
        /** 0 if unknown. */
        long micros(BatchKey key, int size);
    }

    /**
     * What a decision is made from.
     *
     * @param waiting steps that could run on the free thread now
     * @param maxBatch most steps in a batch
     * @param batchCreditMicros device time that live runs owe to the batch runs, see {@link BatchCredit}
     * @param arrivals live steps that are about to wait
     */
    record Queue(
            long nowMicros,
            List<Candidate> waiting,
            int maxBatch,
            long batchCreditMicros,
            List<Arrival> arrivals,
            BatchCost cost) {
        /** Without any that are about to wait. */
        public Queue(long nowMicros, List<Candidate> waiting, int maxBatch, long batchCreditMicros, BatchCost cost) {
            this(nowMicros, waiting, maxBatch, batchCreditMicros, List.of(), cost);
        }
    }

    /**
     * The batch to run, its most urgent step first: equal keys, at most as many as allowed. Empty if nothing waits, or if the
     * thread is better kept free for one of the arrivals; then it is asked again when a step has ended.
     */
    List<Candidate> choose(Queue queue);
}
