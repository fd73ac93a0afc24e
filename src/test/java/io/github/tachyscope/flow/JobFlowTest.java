package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ChunkMp4;
import io.github.tachyscope.media.H264Options;
import io.github.tachyscope.testkit.ManualClock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class JobFlowTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);
    private static final PictureSize SIZE = new PictureSize(64, 48);

    private final List<PictureSize> opened = new CopyOnWriteArrayList<>();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static ChunkMp4 stream(PictureSize size) {
        return ChunkMp4.open(size.width(), size.height(), 16, H264Options.none(), SETTINGS, new ManualClock());
    }

    private static Chunk chunk(long index) {
        byte[] grey = new byte[PixelFormat.I420.bytes(SIZE.width(), SIZE.height())];
        return new Chunk(
                index, List.of(VideoFrame.of(PixelFormat.I420, SIZE.width(), SIZE.height(), grey, index)), 1, 1);
    }

    /** Two chunks through an encoder. */
    private List<JobFlow.Encoded> encoded(Optional<ChunkMp4> ready) throws Exception {
        List<Chunk> chunks = LongStream.range(0, 2).mapToObj(JobFlowTest::chunk).toList();
        return Source.from(chunks)
                .via(JobFlow.encode(ready, size -> {
                    opened.add(size);
                    return stream(size);
                }))
                .runWith(Sink.seq(), KIT.system())
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void usesTheStreamThatIsReady() throws Exception {
        assertEquals(2, encoded(Optional.of(stream(SIZE))).size());
        assertEquals(List.of(), opened);
    }

    @Test
    void opensOneForTheFirstPicture() throws Exception {
        List<JobFlow.Encoded> encoded = encoded(Optional.empty());
        assertEquals(List.of(SIZE), opened);
        assertEquals(
                List.of(0L, 1L),
                encoded.stream().map(each -> each.chunk().index()).toList());
        assertTrue(
                encoded.get(0).media().bytes().length > encoded.get(1).media().bytes().length, "header first");
    }

    @Test
    void opensAnotherWhenThePicturesHaveAnotherSizeAfterAll() throws Exception {
        assertEquals(2, encoded(Optional.of(stream(new PictureSize(32, 32)))).size());
        assertEquals(List.of(SIZE), opened);
    }
}
