package io.github.tachyscope.api.comfy;

import io.github.tachyscope.store.Job;
import java.util.Optional;

/**
 * Why a prompt failed, in the words that clients know.
 *
 * @param type of an exception in Python
 */
record Failing(String type, String message) {
    private static final String MEMORY = "torch.OutOfMemoryError";

    /** @param blocked why the graph could not run, if it could not */
    static Failing of(Job job, Optional<PromptNotes.Blocked> blocked) {
        return blocked.map(at -> new Failing("ValueError", at.message()))
                .or(() -> job.failure().map(Failing::of))
                .orElseGet(() -> new Failing("RuntimeError", "The prompt failed."));
    }

    private static Failing of(Job.Failure failure) {
        String type = switch (failure.code()) {
            case "out_of_memory" -> MEMORY;
            case "no_space", "store_refused" -> "OSError";
            case "input_refused", "request_refused" -> "ValueError";
            default -> "RuntimeError";
        };
        return new Failing(type, failure.message());
    }
}
