package io.github.tachyscope.flow;

import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ChunkMp4;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Source;

/**
 * The path of a frame through a job, top to bottom:
 *
 * <pre>
 * inputs of chunks     read when a chunk is asked for; none in text mode
 *   generate           on demand, by the scheduler; each chunk with its parameters
 *   trim               to the frames that were asked for
 *   group              where the pipeline makes few frames at a time
 *   encode             one fragment of MP4 per chunk, while the next one is generated
 * to a file, a socket, a response: nothing is made before they ask for it
 * </pre>
 */
public final class JobFlow {
    private static final String DISPATCHER = "tachyscope-media-dispatcher";

    /**
     * What makes chunks.
     *
     * @param inputs of as many chunks of the run as will be made, each with as many frames as the geometry asks for; empty in text
     *     mode
     * @param group chunks of the run that make one of the job
     * @param changes parameters that change with a chunk of the job, counted from 0; asked once for each, in order, when
     *     its turn has come
     * @param frames to make, exactly
     * @param glance sees each chunk of the run before anything becomes of it; on the thread of the stream, must not block,
     *     and retains the frames that it keeps
     */
    public record Parts(
            RunHandle run,
            Optional<Source<List<VideoFrame>, NotUsed>> inputs,
            int group,
            LongFunction<Parameters> changes,
            long frames,
            Consumer<Chunk> glance,
            MediaClock clock) {}

    /** A chunk is lost, and with it the stream; the message is fit for the client. */
    public static final class ChunkLost extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final boolean runLost;

        ChunkLost(String message, boolean runLost) {
            super(message, null, false, false);
            this.runLost = runLost;
        }

        /** Whether the run is gone too, as when its device failed. */
        public boolean runLost() {
            return runLost;
        }
    }

    private JobFlow() {}

    /** The chunks in order; each frame is owned by who gets it. */
    public static Source<Chunk, NotUsed> chunks(Parts parts) {
        GenerateChunks generate = new GenerateChunks(
                parts.run(),
                chunk -> chunk % parts.group() == 0 ? parts.changes().apply(chunk / parts.group()) : Parameters.none(),
                GenerateChunks.Loss.FAIL,
                () -> Long.MAX_VALUE,
                parts.clock(),
                new FlowMeter(),
                event -> {});
        return parts.inputs()
                .orElseGet(() -> Source.repeat(List.of()))
                .take(parts.run().geometry().chunks(parts.frames()))
                .via(generate)
                .map(GenerateChunks.Timed::chunk)
                .via(trim(parts.frames()))
                .map(chunk -> {
                    parts.glance().accept(chunk);
                    return chunk;
                })
                .via(group(parts.group()))
                .withAttributes(ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(1, 1)));
    }

    private static Flow<Chunk, Chunk, NotUsed> trim(long frames) {
        return Flow.<Chunk>create()
                .statefulMap(
                        () -> frames,
                        (left, chunk) -> {
                            Chunk kept =
                                    first((int) Math.min(left, chunk.frames().size()), chunk);
                            return Pair.create(left - kept.frames().size(), kept);
                        },
                        left -> Optional.empty());
    }

    private static Chunk first(int count, Chunk chunk) {
        List<VideoFrame> frames = chunk.frames();
        frames.subList(count, frames.size()).forEach(VideoFrame::release);
        return new Chunk(chunk.index(), frames.subList(0, count), chunk.steps(), chunk.runMicros());
    }

    /** Chunks of the run become those of the job; the last one may be shorter. */
    private static Flow<Chunk, Chunk, NotUsed> group(int size) {
        return size == 1
                ? Flow.create()
                : Flow.<Chunk>create()
                        .grouped(size)
                        .map(group -> joined(group.get(0).index() / size, group));
    }

    private static Chunk joined(long index, List<Chunk> group) {
        return new Chunk(
                index,
                group.stream().flatMap(chunk -> chunk.frames().stream()).toList(),
                group.stream().mapToInt(Chunk::steps).sum(),
                group.stream().mapToLong(Chunk::runMicros).sum());
    }

    /**
     * A chunk with what became of it.
     *
     * @param chunk whose frames are still owned by who gets it
     */
    public record Encoded(Chunk chunk, ChunkMp4.Chunk media) {}

    /** Works on each chunk while the next one is generated, on a thread that may take its time. */
    public static <T> Flow<Chunk, T, NotUsed> aside(Function<Chunk, T> work) {
        return Flow.<Chunk>create()
                .map(work)
                .withAttributes(ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(1, 1)))
                .async();
    }

    /**
     * Encodes each chunk while the next one is generated.
     *
     * @param ready stream, if it is open already; closed at the end
     * @param open opens one for the size of the first frame otherwise
     */
    public static Flow<Chunk, Encoded, NotUsed> encode(Optional<ChunkMp4> ready, Function<PictureSize, ChunkMp4> open) {
        return Flow.<Chunk>create()
                .mapWithResource(() -> new Encoding(ready, open), Encoding::write, Encoding::close)
                .withAttributes(ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(1, 1)))
                .async();
    }

    private static final class Encoding {
        private final Function<PictureSize, ChunkMp4> open;
        private Optional<ChunkMp4> stream;

        Encoding(Optional<ChunkMp4> ready, Function<PictureSize, ChunkMp4> open) {
            this.stream = ready;
            this.open = open;
        }

        Encoded write(Chunk chunk) throws Exception {
            if (stream.isEmpty()) {
                VideoFrame first = chunk.frames().get(0);
                stream = Optional.of(open.apply(new PictureSize(first.width(), first.height())));
            }
            return new Encoded(chunk, stream.get().write(chunk.frames()));
        }

        Optional<Encoded> close() {
            stream.ifPresent(ChunkMp4::close);
            return Optional.empty();
        }
    }
}
