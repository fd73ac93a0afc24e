package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InboxTest {
    private final Inbox inbox = new Inbox();

    @Test
    void asksForOneWakeUpHoweverManyCome() {
        assertTrue(inbox.offer(new byte[1]));
        assertFalse(inbox.offer(new byte[2]));

        inbox.wokenUp();
        assertNotNull(inbox.take());
        assertTrue(inbox.leaves(), "one is left: wake up again");
        assertFalse(inbox.leaves(), "that is asked for once");
        assertFalse(inbox.offer(new byte[3]));

        inbox.wokenUp();
        assertNotNull(inbox.take());
        assertNotNull(inbox.take());
        assertNull(inbox.take());
        assertFalse(inbox.leaves());
        assertTrue(inbox.offer(new byte[4]));
    }

    @Test
    void dropsTheNewestWhenFullAndCounts() {
        for (int i = 0; i < Inbox.CAPACITY + 7; i++) {
            inbox.offer(new byte[] {(byte) i});
        }

        assertEquals(7, inbox.dropped());
        byte[] oldest = inbox.take();
        assertNotNull(oldest);
        assertEquals(0, oldest[0]);
    }
}
