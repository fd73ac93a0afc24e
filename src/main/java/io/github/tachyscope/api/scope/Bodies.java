package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.config.GenerateSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** How many large bodies are read at a time, and how large they may be. */
final class Bodies {
    private final GenerateSettings settings;
    private final Duration retryAfter;
    private final Semaphore places;

    Bodies(GenerateSettings settings, Duration retryAfter) {
        this.settings = settings;
        this.retryAfter = retryAfter;
        this.places = new Semaphore(settings.maxBodies());
    }

    long largest() {
        return settings.maxBodyBytes();
    }

    void checkSize(long bytes) {
        if (bytes > largest()) {
            throw Refused.with(
                    413,
                    "The body has " + bytes + " bytes; allowed are " + largest()
                            + " (tachyscope.generate.max-body-size).");
        }
    }

    /** Reads a body, or refuses it because too many are being read. */
    <T> CompletionStage<T> enter(Call call, Supplier<CompletionStage<T>> read) {
        if (!places.tryAcquire()) {
            return call.drained(CompletableFuture.failedFuture(Refused.busy(
                    "As many requests are arriving as may (tachyscope.generate.max-bodies). Try again.", retryAfter)));
        }
        CompletionStage<T> done;
        try {
            done = read.get();
        } catch (RuntimeException failure) {
            done = CompletableFuture.failedFuture(failure);
        }
        return done.whenComplete((result, failure) -> places.release());
    }
}
