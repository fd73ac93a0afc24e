package io.github.tachyscope.session.job;

import io.github.tachyscope.media.CodecFailure;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.StoreRefused;
import java.util.Optional;

/** What went wrong with a job, as its log says it. */
final class JobFailure {
    private JobFailure() {}

    /** Of the run of a plan. */
    static Job.Failure of(Problem problem) {
        String code = switch (problem.kind()) {
            case INTERNAL -> "generation_failed";
            case INVALID -> "input_refused";
            default -> "request_refused";
        };
        return new Job.Failure(code, problem.message());
    }

    /** Of the files; empty if the reason is not fit for the client. */
    static Optional<Job.Failure> of(Throwable fault) {
        if (fault instanceof StoreRefused refused) {
            String code = refused.reason() == StoreRefused.Reason.NO_SPACE ? "no_space" : "store_refused";
            return Optional.of(new Job.Failure(code, refused.getMessage()));
        }
        return fault instanceof CodecFailure failure
                ? Optional.of(new Job.Failure("encoding_failed", failure.getMessage()))
                : Optional.empty();
    }
}
