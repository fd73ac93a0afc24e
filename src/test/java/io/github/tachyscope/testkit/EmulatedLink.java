package io.github.tachyscope.testkit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One direction of a network in virtual time. The same seed, profile and input give the same output.
 *
 * <pre>
 *   send -> loss -> bottleneck queue -> delay + jitter -> receive
 * </pre>
 */
public final class EmulatedLink {
    private record InFlight(long atMicros, long number, byte[] datagram) {}

    private final Random random;
    private final PriorityQueue<InFlight> inFlight =
            new PriorityQueue<>(Comparator.comparingLong(InFlight::atMicros).thenComparingLong(InFlight::number));
    private LinkProfile profile;
    private boolean inBurst;
    private long bottleneckFreeAt;
    private long latestArrival;
    private long number;
    private long sent;
    private long lost;

    public EmulatedLink(LinkProfile profile, long seed) {
        this.profile = profile;
        this.random = new Random(seed);
    }

    /** Changes the weather; datagrams under way are not touched. */
    public void become(LinkProfile newProfile) {
        profile = newProfile;
    }

    public void send(byte[] datagram, long nowMicros) {
        sent++;
        if (loses()) {
            lost++;
            return;
        }
        long leaves = nowMicros;
        if (profile.bitsPerSecond() > 0) {
            long backlogMicros = Math.max(0, bottleneckFreeAt - nowMicros);
            long backlogBytes = backlogMicros * profile.bitsPerSecond() / 8_000_000;
            if (backlogBytes + datagram.length > profile.queueBytes()) {
                lost++;
                return;
            }
            leaves = nowMicros + backlogMicros + datagram.length * 8_000_000L / profile.bitsPerSecond();
            bottleneckFreeAt = leaves;
        }
        deliverAfter(leaves, datagram);
        if (random.nextDouble() < profile.duplication()) {
            deliverAfter(leaves, datagram);
        }
    }

    /** What has arrived by now, in order of arrival. */
    public List<byte[]> receive(long nowMicros) {
        List<byte[]> arrived = new ArrayList<>();
        for (InFlight next = inFlight.peek(); next != null && next.atMicros() <= nowMicros; next = inFlight.peek()) {
            arrived.add(inFlight.remove().datagram());
        }
        return arrived;
    }

    public OptionalLong nextArrivalMicros() {
        InFlight next = inFlight.peek();
        return next == null ? OptionalLong.empty() : OptionalLong.of(next.atMicros());
    }

    /** Datagrams handed in so far. */
    public long sent() {
        return sent;
    }

    /** Datagrams lost so far, in the air or in front of the bottleneck. */
    public long lost() {
        return lost;
    }

    private boolean loses() {
        double transition = random.nextDouble();
        inBurst = inBurst ? transition >= profile.burstEnd() : transition < profile.burstStart();
        return random.nextDouble() < (inBurst ? profile.burstLoss() : profile.loss());
    }

    private void deliverAfter(long leavesMicros, byte[] datagram) {
        long jitter = (long) (random.nextDouble() * profile.jitterMicros());
        long arrival = leavesMicros + profile.delayMicros() + jitter;
        if (profile.keepsOrder()) {
            arrival = Math.max(arrival, latestArrival);
        }
        latestArrival = Math.max(arrival, latestArrival);
        inFlight.add(new InFlight(arrival, number++, datagram.clone()));
    }
}
