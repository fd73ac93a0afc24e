package io.github.tachyscope.download;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a download is.
 *
 * @param files those that are needed; 0 while that is not known
 * @param bytes of all files that are there
 * @param totalBytes of all files, as far as known
 * @param current file that moved last
 * @param currentPercent of that file
 * @param etaSeconds until all is there, at the present rate
 * @param error when it has failed
 */
public record DownloadState(
        String id,
        Phase phase,
        int files,
        int filesDone,
        long bytes,
        long totalBytes,
        Optional<String> current,
        double currentPercent,
        double bytesPerSecond,
        OptionalLong etaSeconds,
        Optional<String> error) {
    /** Where it stands. */
    public enum Phase {
        /** Which files are needed is being found out. */
        LISTING,
        FETCHING,
        DONE,
        FAILED,
        CANCELLED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isRunning() {
        return phase == Phase.LISTING || phase == Phase.FETCHING;
    }

    /** Of all files. */
    public double percent() {
        return phase == Phase.DONE ? 100 : percent(bytes, totalBytes);
    }

    static double percent(long bytes, long total) {
        return total <= 0 ? 0 : Math.min(100, 100.0 * bytes / total);
    }
}
