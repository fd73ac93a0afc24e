package io.github.tachyscope.rtc.ice;

import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.ice4j.ice.harvest.AbstractUdpListener;
import org.jitsi.config.JitsiConfig;
import org.jitsi.config.TypesafeConfigSource;

/** Sets ice4j up, once per process, before any of its classes reads its configuration. */
final class IceLibrary {
    /**
     * How often ice4j asks for consent, in milliseconds. When consent counts as lost is decided above, by the time
     * since the last answer.
     */
    static final int CONSENT_INTERVAL_MILLIS = 2000;

    /** Repeats of one unanswered check, 500 ms apart. High: a long silence is judged above, not by ice4j. */
    private static final int CONSENT_RETRANSMISSIONS = 1000;

    /** Room for about half a second of 30 incoming streams while the one reader thread is away. */
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    /** ice4j logs addresses of clients and every check; only warnings are of interest. Held: JUL forgets loggers. */
    private static final Logger ICE_LOG = Logger.getLogger("org.ice4j");

    private static final Logger JITSI_LOG = Logger.getLogger("org.jitsi");

    /**
     * Closing a session closes the sockets under its threads, and any damaged STUN message makes the decoder fail: the
     * library survives both and writes a stack trace of each. Whoever reaches the port could fill the disk with them.
     */
    private static final Logger STACK_LOG = Logger.getLogger("org.ice4j.stack");

    static {
        ICE_LOG.setLevel(Level.WARNING);
        JITSI_LOG.setLevel(Level.WARNING);
        STACK_LOG.setLevel(Level.OFF);
        // The HTTP requests of the AWS mapping would delay the first session by seconds outside of AWS.
        Map<String, Object> own = Map.of(
                "ice4j.harvest.mapping.aws.enabled",
                false,
                "ice4j.harvest.use-ipv6",
                true,
                "ice4j.harvest.udp.use-dynamic-ports",
                false,
                "ice4j.harvest.udp.receive-buffer-size",
                RECEIVE_BUFFER_BYTES,
                "ice4j.harvest.udp.socket-pool-size",
                1,
                "ice4j.use-component-socket",
                false,
                "ice4j.redact-remote-addresses",
                true,
                "ice4j.software",
                "",
                "ice4j.consent-freshness.interval",
                CONSENT_INTERVAL_MILLIS + " milliseconds",
                "ice4j.consent-freshness.max-retransmissions",
                CONSENT_RETRANSMISSIONS);
        JitsiConfig.Companion.useDebugNewConfig(new TypesafeConfigSource(
                "tachyscope",
                ConfigFactory.parseMap(own)
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve()));
        // Read when the first port is opened: datagrams are handed over by the reader thread, not fetched by ours.
        AbstractUdpListener.USE_PUSH_API = true;
    }

    private IceLibrary() {}

    /** Makes sure that the set-up above has run. */
    static void prepare() {
        // Loading the class is all.
    }
}
