package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.UdpRelay;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A bad network between one client and the server; made when the answer names the server's port. */
final class Relay implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile(" (\\d+) typ host");

    private Optional<UdpRelay> relay = Optional.empty();

    /** The answer, with the relay's port in place of the server's. */
    String between(String answer) {
        Matcher port = PORT.matcher(answer);
        assertTrue(port.find(), answer);
        try {
            UdpRelay made = new UdpRelay(Integer.parseInt(port.group(1)));
            relay = Optional.of(made);
            return port.replaceAll(" " + made.port() + " typ host");
        } catch (SocketException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    void lose(double share) {
        relay.orElseThrow().lose(share);
    }

    void cut() {
        relay.orElseThrow().cut();
    }

    @Override
    public void close() {
        relay.ifPresent(UdpRelay::close);
    }
}
