package io.github.tachyscope.download;

import io.github.tachyscope.download.DownloadState.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** What the threads of one download report, and anybody may look at. Safe for many threads. */
public final class DownloadProgress {
    private static final class Tracked {
        private final String name;
        private final OptionalLong total;
        private long bytes;
        private boolean heardOf;
        private boolean done;

        private Tracked(String name, OptionalLong total) {
            this.name = name;
            this.total = total;
        }
    }

    private final String id;
    private final LongSupplier nanos;
    private final List<Tracked> files = new ArrayList<>();
    private final TransferRate rate;
    private Phase phase = Phase.LISTING;
    private Optional<Tracked> current = Optional.empty();
    private Optional<String> error = Optional.empty();

    public DownloadProgress(String id) {
        this(id, System::nanoTime);
    }

    DownloadProgress(String id, LongSupplier nanos) {
        this.id = id;
        this.nanos = nanos;
        this.rate = new TransferRate(nanos.getAsLong());
    }

    /** One more file; gives its number. */
    synchronized int plan(String name, OptionalLong bytes) {
        files.add(new Tracked(name, bytes));
        return files.size() - 1;
    }

    synchronized void fetching() {
        phase = Phase.FETCHING;
    }

    /** So much of a file is there. What was there before the first report does not count for the rate. */
    synchronized void at(int number, long bytes) {
        Tracked file = files.get(number);
        if (file.heardOf && bytes > file.bytes) {
            rate.moved(bytes - file.bytes, nanos.getAsLong());
        }
        file.heardOf = true;
        file.bytes = bytes;
        current = Optional.of(file);
    }

    synchronized void done(int number, long bytes) {
        at(number, bytes);
        files.get(number).done = true;
    }

    /** @param failure empty if all went well */
    synchronized void ended(Optional<Failure> failure) {
        phase = failure.isEmpty()
                ? Phase.DONE
                : failure.get().kind() == Failure.Kind.CANCELLED ? Phase.CANCELLED : Phase.FAILED;
        error = failure.map(Failure::message);
    }

    public synchronized DownloadState state() {
        long bytes = 0;
        long total = 0;
        int filesDone = 0;
        for (Tracked file : files) {
            bytes += file.bytes;
            total += Math.max(file.bytes, file.total.orElse(0));
            filesDone += file.done ? 1 : 0;
        }
        boolean lengthsKnown = files.stream().allMatch(file -> file.done || file.total.isPresent());
        double perSecond = phase == Phase.FETCHING ? rate.bytesPerSecond(nanos.getAsLong()) : 0;
        OptionalLong eta = perSecond >= 1 && lengthsKnown
                ? OptionalLong.of((long) Math.ceil((total - bytes) / perSecond))
                : OptionalLong.empty();
        return new DownloadState(
                id,
                phase,
                files.size(),
                filesDone,
                bytes,
                total,
                current.map(file -> file.name),
                current.map(file -> file.done ? 100 : DownloadState.percent(file.bytes, file.total.orElse(0)))
                        .orElse(0.0),
                perSecond,
                eta,
                error);
    }
}
