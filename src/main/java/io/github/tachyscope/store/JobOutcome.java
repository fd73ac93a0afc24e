package io.github.tachyscope.store;

import java.util.List;
import java.util.Map;

/**
 * What a job came to when it went well.
 *
 * @param stageSeconds what each stage took, such as {@code denoise}
 * @param peakMemoryBytes of the device, 0 if it was not measured
 * @param files in the order in which clients see them; already published
 */
public record JobOutcome(
        Job.Shape shape, Map<String, Double> stageSeconds, long peakMemoryBytes, List<ResultFile> files) {
    public JobOutcome {
        stageSeconds = Map.copyOf(stageSeconds);
        files = List.copyOf(files);
        if (files.size() > Job.MAX_FILES) {
            throw new IllegalArgumentException("a job has at most " + Job.MAX_FILES + " files");
        }
    }
}
