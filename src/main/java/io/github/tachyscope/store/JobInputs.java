package io.github.tachyscope.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;

/**
 * Files that clients sent for their jobs, a folder for each; removed with the job. All methods block. Safe for many
 * threads.
 */
public final class JobInputs {
    /** A folder without a job that is younger may belong to a request that is still on its way to the log. */
    private static final Duration UPLOADING = Duration.ofHours(6);

    private final Path root;

    JobInputs(Path directory) throws IOException {
        Files.createDirectories(directory);
        this.root = directory.toRealPath();
    }

    /**
     * Makes the folder of a job that will be handed in.
     *
     * @throws StoreRefused if that is no id of a job
     */
    public Path create(String id) throws IOException {
        try {
            return Files.createDirectories(folder(id));
        } catch (IOException failure) {
            throw ResultFiles.failure(failure);
        }
    }

    /** Removes the files of a job, or of one that was not taken after all. */
    public void remove(String id) throws IOException {
        Trees.delete(folder(id));
    }

    private Path folder(String id) {
        if (!Job.isId(id)) {
            throw new StoreRefused(StoreRefused.Reason.BAD_NAME, "This is not an id that a job can have.");
        }
        return root.resolve(id);
    }

    /** Removes old folders that belong to no job. */
    void repair(JobLog log, Clock clock) throws IOException {
        FileTime young = FileTime.from(clock.instant().minus(UPLOADING));
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
            for (Path folder : folders) {
                String id = folder.getFileName().toString();
                boolean old = Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS)
                                .compareTo(young)
                        < 0;
                if (old && Job.isId(id) && log.find(id).isEmpty()) {
                    Trees.delete(folder);
                }
            }
        }
    }
}
