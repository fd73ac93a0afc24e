package io.github.tachyscope.session.job;

import io.github.tachyscope.store.ResultFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;

/**
 * The output of a job behind calls that do not block. They run one after the other, each when the one before it has
 * ended, well or not; so closing leaves nothing behind that is being opened.
 */
final class JobFiles {
    /** Makes the output when it is needed first. */
    interface Opening {
        JobOutput open() throws IOException;
    }

    private final Opening opening;
    private final Executor blocking;
    private CompletableFuture<?> last = CompletableFuture.completedFuture(Done.getInstance());
    /** Only of the calls themselves, which see each other's changes. */
    private Optional<JobOutput> output = Optional.empty();

    /** @param blocking for the calls, which wait for disks */
    JobFiles(Opening opening, Executor blocking) {
        this.opening = opening;
        this.blocking = blocking;
    }

    /** See {@link JobOutput#begin}. */
    CompletionStage<JobOutput> begin(int plan) {
        return next(() -> {
            if (output.isEmpty()) {
                output = Optional.of(opening.open());
            }
            output.get().begin(plan);
            return output.get();
        });
    }

    /** See {@link JobOutput#drop}. */
    CompletionStage<Done> drop() {
        return next(() -> {
            output.orElseThrow().drop();
            return Done.getInstance();
        });
    }

    /** See {@link JobOutput#publish}. */
    CompletionStage<List<ResultFile>> publish() {
        return next(() -> output.orElseThrow().publish());
    }

    /** Removes what was not published. */
    CompletionStage<Done> close() {
        return next(() -> {
            output.ifPresent(JobOutput::close);
            return Done.getInstance();
        });
    }

    private <T> CompletionStage<T> next(Callable<T> call) {
        CompletableFuture<T> next = last.handle((result, fault) -> Done.getInstance())
                .thenApplyAsync(
                        before -> {
                            try {
                                return call.call();
                            } catch (Exception failure) {
                                throw new CompletionException(failure);
                            }
                        },
                        blocking);
        last = next;
        return next;
    }
}
