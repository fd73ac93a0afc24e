package io.github.tachyscope.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DownloadProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong();
    private final DownloadProgress progress = new DownloadProgress("x", now::get);

    @Test
    void tellsRateAndTimeLeftOfWhatComesNow() {
        int file = progress.plan("a", OptionalLong.of(10_000));
        progress.fetching();
        // Half of it is from an earlier attempt and says nothing of the line.
        progress.at(file, 5_000);
        assertEquals(OptionalLong.empty(), progress.state().etaSeconds());
        for (int i = 1; i <= 4; i++) {
            now.addAndGet(SECOND);
            progress.at(file, 5_000 + i * 500);
        }
        DownloadState state = progress.state();
        assertEquals(500, state.bytesPerSecond(), 1);
        assertEquals(OptionalLong.of(6), state.etaSeconds());
        assertEquals(70, state.percent(), 0.01);
    }

    @Test
    void aStallIsSeenAfterTenSeconds() {
        int file = progress.plan("a", OptionalLong.of(10_000));
        progress.fetching();
        progress.at(file, 0);
        now.addAndGet(SECOND);
        progress.at(file, 1_000);
        now.addAndGet(11 * SECOND);
        assertEquals(0, progress.state().bytesPerSecond(), 0.01);
        assertEquals(OptionalLong.empty(), progress.state().etaSeconds());
    }

    @Test
    void beginningAFileAgainIsNoProgress() {
        int file = progress.plan("a", OptionalLong.of(1_000));
        progress.fetching();
        progress.at(file, 900);
        now.addAndGet(SECOND);
        progress.at(file, 0);
        assertEquals(0, progress.state().bytesPerSecond());
        assertEquals(0, progress.state().percent());
    }

    @Test
    void ofFilesOfUnknownLengthThereIsNoTimeLeft() {
        int file = progress.plan("a", OptionalLong.empty());
        progress.fetching();
        progress.at(file, 0);
        now.addAndGet(SECOND);
        progress.at(file, 1_000);
        assertEquals(OptionalLong.empty(), progress.state().etaSeconds());
        progress.done(file, 1_000);
        assertEquals(1, progress.state().filesDone());
    }
}
