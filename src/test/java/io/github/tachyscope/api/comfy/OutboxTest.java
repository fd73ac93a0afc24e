package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final Outbox outbox = new Outbox();

    private static Outbox.Preview preview(int number) {
        return new Outbox.Preview(new Told.Preview("p", "3", List.of(new byte[] {(byte) number})));
    }

    @Test
    void aNewerPreviewTakesThePlaceOfAnOlderOneAndNothingElseIsLost() {
        Outbox.Preview last = preview(3);
        assertTrue(outbox.add(new Outbox.Text("a")));
        assertTrue(outbox.add(preview(1)));
        assertTrue(outbox.add(new Outbox.Text("b")));
        assertTrue(outbox.add(preview(2)));
        assertTrue(outbox.add(last));
        assertEquals(Optional.of(new Outbox.Text("a")), outbox.poll());
        assertEquals(Optional.of(new Outbox.Text("b")), outbox.poll());
        assertEquals(Optional.of(last), outbox.poll());
        assertEquals(Optional.empty(), outbox.poll());
    }

    @Test
    void aClientThatDoesNotReadIsTooSlowWhenTextsFillUp() {
        String text = "x".repeat(1 << 20);
        int taken = 0;
        while (outbox.add(new Outbox.Text(text))) {
            taken++;
        }
        assertEquals(Outbox.MAX_CHARS / text.length(), taken);
        outbox.poll();
        outbox.poll();
        assertTrue(outbox.add(new Outbox.Text(text)));
        assertFalse(outbox.add(new Outbox.Text(text)));
    }

    @Test
    void previewsDoNotFillItUp() {
        for (int i = 0; i < 100_000; i++) {
            assertTrue(outbox.add(preview(i)));
        }
        outbox.poll();
        assertEquals(Optional.empty(), outbox.poll());
    }
}
