package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;

/**
 * One finished step of one run.
 *
 * @param sequence grows by one per span
 * @param owner session or job
 * @param pipeline id of the pipeline
 * @param batchSize runs that were in the batch
 * @param queueMicros from ready to start
 * @param startMicros media-clock time
 * @param runMicros duration of the whole batch
 * @param deadlineMet whether it ended before the deadline of its chunk
 */
public record StepSpan(
        long sequence,
        String owner,
        RunId runId,
        String pipeline,
        StepKind kind,
        Lane lane,
        String device,
        int batchSize,
        long chunkIndex,
        int stepIndex,
        long queueMicros,
        long startMicros,
        long runMicros,
        boolean deadlineMet) {

    StepSpan numbered(long number) {
        return new StepSpan(
                number,
                owner,
                runId,
                pipeline,
                kind,
                lane,
                device,
                batchSize,
                chunkIndex,
                stepIndex,
                queueMicros,
                startMicros,
                runMicros,
                deadlineMet);
    }
}
