package io.github.tachyscope.store;

import io.github.tachyscope.config.JobSettings;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Batch jobs and their files, which come and go together.
 *
 * <p>Files are published before their job is completed, and a record is marked before its files are removed; whatever
 * a crash leaves in between, {@link #open} repairs. All methods block.
 */
public final class JobStore implements AutoCloseable {
    /** Records that one call of {@link #removeExpired} removes at most, so that it does not hold up others for long. */
    private static final int MAX_EXPIRED = 200;

    private final JobDatabase database;
    private final JobLog log;
    private final ResultFiles files;
    private final JobInputs inputs;
    private final MediaFolders folders;
    private final String node;
    private final long maxResultsBytes;

    private JobStore(JobSettings settings, Path mediaDir, Clock clock, JobDatabase database) throws IOException {
        this.database = database;
        this.log = new JobLog(database, settings, clock);
        this.files = new ResultFiles(settings.resultsDir(), settings.node(), settings.minFreeBytes());
        this.inputs = new JobInputs(settings.resultsDir().resolveSibling("inputs"));
        this.folders = MediaFolders.open(mediaDir, settings.node(), settings.minFreeBytes(), clock);
        this.node = settings.node();
        this.maxResultsBytes = settings.maxResultsBytes();
    }

    /**
     * Connects, brings the tables up to date, gives jobs that this server had when it stopped back to the queue, and
     * removes files that belong to nobody.
     *
     * @param mediaDir of the folders that people look into
     * @param clock whose zone dates in names of files are in
     * @throws StoreUnavailable if the database does not answer or belongs to a newer version
     */
    public static JobStore open(JobSettings settings, Path mediaDir, Clock clock) throws IOException {
        JobDatabase database = JobDatabase.open(settings, JobLog.MIGRATIONS);
        try {
            JobStore store = new JobStore(settings, mediaDir, clock, database);
            store.repair(clock);
            return store;
        } catch (IOException | RuntimeException failure) {
            database.close();
            throw failure;
        }
    }

    public JobLog log() {
        return log;
    }

    public JobClaims claims() {
        return log.claims();
    }

    public ResultFiles files() {
        return files;
    }

    /** What clients sent for their jobs. */
    public JobInputs inputs() {
        return inputs;
    }

    /** Folders that people look into. */
    public MediaFolders folders() {
        return folders;
    }

    private void repair(Clock clock) throws IOException {
        log.claims().recoverOwn(node);
        folders.recover(claim ->
                log.find(claim.jobId()).filter(job -> completedBy(claim, job)).isPresent());
        // First the folders, then the records: a folder seen before its record was read belongs to it or to nobody.
        List<ResultFiles.Folder> folders = files.folders();
        for (Map.Entry<String, Integer> removing : log.removing().entrySet()) {
            inputs.remove(removing.getKey());
            files.remove(removing.getKey(), removing.getValue());
            log.removed(removing.getKey());
        }
        for (ResultFiles.Folder folder : folders) {
            if (!log.find(folder.id()).filter(job -> owns(job, folder)).isPresent()) {
                files.remove(folder);
            }
        }
        inputs.repair(log, clock);
    }

    /** A completed job has the files of its last claim; those of a running one may be completed at any moment. */
    private static boolean owns(Job job, ResultFiles.Folder folder) {
        return job.attempt() == folder.attempt()
                && (job.state() == JobState.COMPLETED || job.state() == JobState.RUNNING);
    }

    /**
     * Begins the files of a claimed job.
     *
     * @throws StoreRefused if there is no space for them
     */
    public ResultDraft begin(Claim claim) throws IOException {
        if (log.resultBytes() >= maxResultsBytes) {
            throw new StoreRefused(
                    Reason.NO_SPACE,
                    "All results together have reached " + maxResultsBytes
                            + " bytes (tachyscope.jobs.max-results-size). Remove some.");
        }
        return files.begin(claim);
    }

    /**
     * Ends a job well. What its claim has filed stays, unless the job is in other hands. May be called again until it
     * succeeds.
     */
    public void complete(Claim claim, JobOutcome outcome) {
        JobChange change = claims().complete(claim, outcome);
        boolean done = change instanceof JobChange.Done
                // Said already by a call whose answer was lost.
                || change instanceof JobChange.TooLate late && completedBy(claim, late.job());
        if (done) {
            folders.settle(claim);
        } else {
            folders.takeBack(claim);
        }
    }

    private static boolean completedBy(Claim claim, Job job) {
        return job.state() == JobState.COMPLETED && job.attempt() == claim.attempt();
    }

    /** Removes a job that does not run, and its files. A running one is {@link JobChange.TooLate}: cancel it first. */
    public JobChange remove(String id) throws IOException {
        JobChange change = log.remove(id);
        if (change instanceof JobChange.Done done) {
            removeFiles(done.job());
        }
        return change;
    }

    /** Removes jobs that have ended and expired, and their files; the removed jobs. If many, more remain for the next call. */
    public List<Job> removeExpired() throws IOException {
        List<Job> expired = log.removeExpired(MAX_EXPIRED);
        for (Job job : expired) {
            removeFiles(job);
        }
        return expired;
    }

    private void removeFiles(Job job) throws IOException {
        inputs.remove(job.id());
        files.remove(job.id(), job.attempt());
        log.removed(job.id());
    }

    @Override
    public void close() {
        database.close();
    }
}
