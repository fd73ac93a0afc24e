package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PeerProtocolTest {
    /** What each state does with each message: connecting, handshaking, connected. A new message needs a line here. */
    private static final Map<String, String> STATES = Map.ofEntries(
            Map.entry("SendVideo", "ignored, ignored, sent"),
            Map.entry("SendText", "ignored, ignored, sent"),
            Map.entry("RequestKeyFrame", "ignored, ignored, sent"),
            Map.entry("AddCandidate", "added, added, added"),
            Map.entry("Close", "closed, closed, closed"),
            Map.entry("Wake", "next state, read, read"),
            Map.entry("Tick", "time limit, time limit and repeats, time limit and engines"),
            Map.entry("FromIce", "next state or failed, failed or ignored, consent or failed"),
            Map.entry("FromDtls", "ignored, next state or failed, ignored"),
            Map.entry("FromHandshake", "ignored, sent, sent"));

    @Test
    void everyStateNamesEveryMessage() {
        TreeSet<String> messages = Arrays.stream(Peer.Command.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(new TreeSet<>(STATES.keySet()), messages);
    }
}
