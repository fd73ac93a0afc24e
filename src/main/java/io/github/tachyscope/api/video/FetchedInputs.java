package io.github.tachyscope.api.video;

import io.github.tachyscope.fetch.Fetch;
import io.github.tachyscope.fetch.FetchFailed;
import io.github.tachyscope.fetch.FileFetch;
import io.github.tachyscope.fetch.HostPolicy;
import io.github.tachyscope.fetch.Patience;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** From hosts with public addresses, some at a time, each within a limit of time. */
final class FetchedInputs implements RemoteInputs {
    /** Most at a time; each keeps two threads. One more is refused. */
    private static final int MOST = 8;

    /** A client waits for its reply meanwhile. */
    private static final Patience PATIENCE = new Patience(
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            2,
            Duration.ofSeconds(1),
            Duration.ofSeconds(2));

    private final Fetch fetch;
    private final Duration longest;
    private final Semaphore free = new Semaphore(MOST);

    /** @param longest time for one file, however steadily it comes */
    FetchedInputs(HostPolicy policy, Duration longest) {
        this.fetch = new Fetch(policy, PATIENCE);
        this.longest = longest;
    }

    static RemoteInputs fromPublicHosts() {
        return new FetchedInputs(HostPolicy.of(List.of(HostPolicy.ANY_HOST), List.of()), Duration.ofMinutes(2));
    }

    @Override
    public void fetch(URI address, long maxBytes, Path to) {
        if (!free.tryAcquire()) {
            throw new RemoteRefused("too many files are fetched now; try again");
        }
        FileFetch wanted =
                new FileFetch(address, to, OptionalLong.empty(), Optional.empty(), maxBytes, Optional.empty());
        FutureTask<FileFetch.Fetched> task = new FutureTask<>(() -> fetch.toFile(wanted, bytes -> {}));
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } finally {
                        free.release();
                    }
                },
                "fetch-input");
        thread.setDaemon(true);
        thread.start();
        await(task);
    }

    private void await(FutureTask<FileFetch.Fetched> task) {
        try {
            task.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof FetchFailed fault) {
                throw new RemoteRefused(fault.getMessage());
            }
            throw new IllegalStateException(failed.getCause());
        } catch (TimeoutException late) {
            task.cancel(true);
            throw new RemoteRefused("it did not arrive within " + longest.toSeconds() + " s");
        } catch (InterruptedException stopped) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new RemoteRefused("the server is stopping");
        }
    }
}
