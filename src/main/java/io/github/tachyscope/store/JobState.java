package io.github.tachyscope.store;

import java.util.Locale;

/**
 * Where a job is.
 *
 * <pre>
 *   QUEUED  --claim--> RUNNING --complete--> COMPLETED
 *     ^                  | | \--fail-------> FAILED
 *     |                  | \----cancelled--> CANCELLED
 *     \----- lost -------/
 *   QUEUED  --cancel--> CANCELLED
 *   RUNNING --lost too often--> FAILED
 * </pre>
 *
 * The last three are final; from there a job is only removed.
 */
public enum JobState {
    /** Waits to be claimed. */
    QUEUED,
    /** A server works on it. */
    RUNNING,
    /** Its results are stored. */
    COMPLETED,
    /** It ended with an error. */
    FAILED,
    /** Somebody ended it. */
    CANCELLED;

    /** Nothing changes a job that has ended but its removal. */
    public boolean ended() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static JobState ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
