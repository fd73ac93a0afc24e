package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.Peer;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

class ClientChannelTest {
    private final ClientChannel client = new ClientChannel();
    private final TestInbox<Peer.Command> peer = TestInbox.create();

    private Peer.SendText next() {
        return (Peer.SendText) peer.receiveMessage();
    }

    @Test
    void keepsTheNewestMessagesForTheFirstChannel() {
        client.connect(peer.getRef());
        for (int i = 0; i < ClientChannel.MAX_WAITING + 3; i++) {
            client.send("message " + i);
        }
        assertFalse(peer.hasMessages());

        client.opened(7);

        for (int i = 3; i < ClientChannel.MAX_WAITING + 3; i++) {
            assertEquals(new Peer.SendText(7, "message " + i), next());
        }
        assertFalse(peer.hasMessages());
    }

    @Test
    void talksOnTheChannelOpenedLastAndFallsBackWhenItCloses() {
        client.connect(peer.getRef());
        client.opened(1);
        client.opened(3);
        client.send("a");
        client.closed(3);
        client.send("b");
        client.closed(1);
        client.send("c");

        assertEquals(new Peer.SendText(3, "a"), next());
        assertEquals(new Peer.SendText(1, "b"), next());
        assertFalse(peer.hasMessages());
        assertFalse(client.isOpen());
        client.opened(5);
        assertEquals(new Peer.SendText(5, "c"), next());
    }

    @Test
    void aChannelThatWasNeverOpenedMayClose() {
        client.connect(peer.getRef());
        client.closed(9);
        assertFalse(client.isOpen());
    }

    @Test
    void remembersABoundedNumberOfChannels() {
        client.connect(peer.getRef());
        for (int id = 0; id <= ClientChannel.MAX_CHANNELS; id++) {
            client.opened(id);
        }
        for (int id = 1; id <= ClientChannel.MAX_CHANNELS; id++) {
            client.closed(id);
        }
        assertFalse(client.isOpen());
    }

    @Test
    void complainsOnlySoOftenBetweenTwoBreaths() {
        client.connect(peer.getRef());
        client.opened(1);
        for (int i = 0; i < 10_000; i++) {
            client.complain("invalid_parameter", "wrong " + i);
        }
        assertEquals(ClientChannel.MAX_ERRORS, peer.getAllReceived().size());
        client.breathe();
        client.complain("invalid_parameter", "again");
        assertTrue(next().text().contains("again"));
    }
}
