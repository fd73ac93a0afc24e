package io.github.tachyscope.rtc.ice;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.harvest.SinglePortUdpHarvester;
import org.ice4j.util.Buffer;
import org.jspecify.annotations.Nullable;

/** The socket of one bound address: ice4j's, with a bound on the senders that one session may have. */
final class SharedPort extends SinglePortUdpHarvester {
    /**
     * Most addresses from which one session may be reached. ice4j keeps a socket object for every sender that names a
     * known user fragment, before it checks the password; without the bound a client could make it keep thousands.
     * Checks from further addresses are dropped.
     */
    static final int MAX_SENDERS_PER_SESSION = 32;

    private final Map<String, AtomicInteger> senders = new ConcurrentHashMap<>();

    SharedPort(InetSocketAddress address) throws IOException {
        super(new TransportAddress(address, Transport.UDP));
    }

    void admit(String ufrag) {
        senders.put(ufrag, new AtomicInteger());
    }

    void forget(String ufrag) {
        senders.remove(ufrag);
    }

    int sessions() {
        return senders.size();
    }

    @Override
    protected @Nullable MySocket maybeAcceptNewSession(Buffer first, InetSocketAddress sender, String ufrag) {
        if (senders == null) {
            return null; // The reader thread starts inside the constructor of the library, before ours has run.
        }
        AtomicInteger known = senders.get(ufrag);
        if (known == null || known.incrementAndGet() > MAX_SENDERS_PER_SESSION) {
            return null;
        }
        return super.maybeAcceptNewSession(first, sender, ufrag);
    }
}
