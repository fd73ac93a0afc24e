package io.github.tachyscope.session.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * A file that one writes and many read while it grows.
 *
 * <pre>
 * growing --append--> growing --end--> ended
 * </pre>
 *
 * <p>Readers take from the file what they are ready for, so a slow one costs no memory. A reader that has the file open
 * reads it to its end also after it was renamed or removed. Thread-safe; {@link #append} and reading block on the disk.
 */
final class GrowingFile {
    /** What a reader has in memory at a time. */
    private static final int READ_BYTES = 64 << 10;

    /** Most readers at a time; protects open files. */
    private static final int MAX_READERS = 128;

    private final Path path;
    private final FileChannel out;
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private int readers;
    private long length;
    private boolean ended;

    /** Makes the file. */
    GrowingFile(Path path) throws IOException {
        this.path = path;
        this.out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Adds bytes at the end; those who wait for them go on. */
    void append(ByteBuffer bytes) throws IOException {
        long added = bytes.remaining();
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        grown(added, false);
    }

    /** Nothing more comes; further calls do nothing. */
    void end() throws IOException {
        out.close();
        grown(0, true);
    }

    private void grown(long added, boolean last) {
        List<CompletableFuture<Void>> woken;
        synchronized (this) {
            length += added;
            ended |= last;
            woken = List.copyOf(waiting);
            waiting.clear();
        }
        woken.forEach(each -> each.complete(null));
    }

    /** Whether another reader may come. */
    synchronized boolean hasRoom() {
        return readers < MAX_READERS;
    }

    /** All bytes from the start on, then the rest as it appears; ends when the file has ended. To be run once. */
    Source<ByteString, NotUsed> read() {
        return Source.lazySource(this::open).mapMaterializedValue(opened -> NotUsed.getInstance());
    }

    private Source<ByteString, NotUsed> open() throws IOException {
        FileChannel in = FileChannel.open(path, StandardOpenOption.READ);
        count(1);
        return Source.unfoldAsync(
                        0L,
                        position -> available(position)
                                .thenApply(
                                        more -> more ? next(in, position) : Optional.<Pair<Long, ByteString>>empty()))
                .watchTermination((none, done) -> {
                    done.whenComplete((end, fault) -> leave(in));
                    return none;
                });
    }

    /** Whether there is something at that position, once that is certain. */
    private synchronized CompletionStage<Boolean> available(long position) {
        if (length > position) {
            return CompletableFuture.completedFuture(true);
        }
        if (ended) {
            return CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Void> grown = new CompletableFuture<>();
        waiting.add(grown);
        return grown.thenComposeAsync(again -> available(position));
    }

    private static Optional<Pair<Long, ByteString>> next(FileChannel in, long position) {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        try {
            int read = in.read(buffer, position);
            return read <= 0
                    ? Optional.empty()
                    : Optional.of(Pair.create(position + read, ByteString.fromByteBuffer(buffer.flip())));
        } catch (IOException failure) {
            throw new UncheckedIOException("a file that grows cannot be read", failure);
        }
    }

    private synchronized void count(int more) {
        readers += more;
    }

    private void leave(FileChannel in) {
        count(-1);
        try {
            in.close();
        } catch (IOException readAnyway) {
            // All that was wanted of it has been read.
        }
    }
}
