package io.github.tachyscope.api.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.media.ChunkMp4;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private final SendQueue queue = new SendQueue("r");

    private static Media media(long index) {
        return new Media(
                index, new ChunkMp4.Chunk(new byte[] {1, 2}, 9, 0, 562_500, 4_000), 12_000, Interactions.Events.NONE);
    }

    private void text(String type) {
        queue.text(JsonNodeFactory.instance.objectNode().put("type", type));
    }

    @Test
    void nothingComesBetweenAnAnnouncementAndItsBytes() {
        queue.announcing(true);
        queue.chunk(media(4));
        SendQueue.Text announcement = (SendQueue.Text) queue.poll(true).orElseThrow();
        assertTrue(announcement.json().contains("\"generation_chunk_index\":4"), announcement.json());
        assertTrue(announcement.json().contains("\"byte_length\":2"), announcement.json());
        text("session.pong");
        assertTrue(queue.poll(true).orElseThrow() instanceof SendQueue.Binary);
        assertTrue(queue.poll(true).orElseThrow() instanceof SendQueue.Text);
        assertTrue(queue.isEmpty());
    }

    @Test
    void whatIsAnnouncedIsSentAlsoWhenTheRestIsDropped() {
        queue.announcing(true);
        queue.chunk(media(0));
        queue.chunk(media(1));
        queue.poll(true);
        queue.dropChunks();
        assertEquals(1, queue.waiting());
        assertTrue(queue.poll(true).orElseThrow() instanceof SendQueue.Binary);
        assertTrue(queue.isEmpty());
    }

    @Test
    void aChunkThatIsNotDueLetsTextsPass() {
        queue.chunk(media(0));
        assertTrue(queue.poll(false).isEmpty());
        text("session.pong");
        assertTrue(queue.poll(false).orElseThrow() instanceof SendQueue.Text);
        assertEquals(1, queue.waiting());
        assertTrue(queue.poll(true).orElseThrow() instanceof SendQueue.Binary);
    }

    @Test
    void saysWhenItsClientReadsTooSlowly() {
        for (int i = 1; i < SendQueue.MANY_TEXTS; i++) {
            text("session.pong");
        }
        assertFalse(queue.manyTexts());
        text("session.pong");
        assertTrue(queue.manyTexts());
    }
}
