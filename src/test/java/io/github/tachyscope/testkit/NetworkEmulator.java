package io.github.tachyscope.testkit;

import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Two {@link Endpoint}s joined by two {@link EmulatedLink}s in virtual time: thirty bad seconds pass in milliseconds.
 *
 * <pre>
 *   left --leftToRight--> right
 *   left <--rightToLeft-- right
 * </pre>
 */
public final class NetworkEmulator {
    /** Ends a run in which two endpoints answer each other at one instant for ever. */
    private static final int MAX_ROUNDS_AT_ONE_INSTANT = 100_000;

    private final ManualClock clock;
    private final EmulatedLink leftToRight;
    private final EmulatedLink rightToLeft;
    private final long seed;

    public NetworkEmulator(LinkProfile bothWays, long seed) {
        this(bothWays, bothWays, seed);
    }

    public NetworkEmulator(LinkProfile leftToRight, LinkProfile rightToLeft, long seed) {
        this.clock = new ManualClock(1_000_000);
        this.leftToRight = new EmulatedLink(leftToRight, seed);
        this.rightToLeft = new EmulatedLink(rightToLeft, seed ^ 0x9E3779B97F4A7C15L);
        this.seed = seed;
    }

    public ManualClock clock() {
        return clock;
    }

    public long now() {
        return clock.micros();
    }

    public EmulatedLink leftToRight() {
        return leftToRight;
    }

    public EmulatedLink rightToLeft() {
        return rightToLeft;
    }

    /** Changes the weather in both directions. */
    public void become(LinkProfile bothWays) {
        leftToRight.become(bothWays);
        rightToLeft.become(bothWays);
    }

    /** Lets the two talk for a span of virtual time. */
    public void run(Endpoint left, Endpoint right, long spanMicros) {
        runUntil(left, right, spanMicros, () -> false);
    }

    /**
     * Lets the two talk until the condition holds, asked after every exchange; fails the test after the virtual-time
     * limit, naming the seed.
     */
    public void require(String what, Endpoint left, Endpoint right, long limitMicros, BooleanSupplier condition) {
        long start = now();
        if (!runUntil(left, right, limitMicros, condition)) {
            throw new AssertionError(
                    what + " did not happen within " + (now() - start) / 1000 + " ms of virtual time; " + this);
        }
    }

    /** Lets the two talk until the condition holds (true) or the virtual-time limit has passed (false). */
    public boolean runUntil(Endpoint left, Endpoint right, long limitMicros, BooleanSupplier condition) {
        long end = now() + limitMicros;
        int roundsAtThisInstant = 0;
        while (true) {
            exchange(left, right);
            if (condition.getAsBoolean()) {
                return true;
            }
            long next = Math.min(
                    earliest(leftToRight.nextArrivalMicros(), rightToLeft.nextArrivalMicros()),
                    earliest(left.nextDeadlineMicros(), right.nextDeadlineMicros()));
            if (next > end) {
                clock.set(end);
                return false;
            }
            if (next > now()) {
                clock.set(next);
                roundsAtThisInstant = 0;
            } else if (++roundsAtThisInstant > MAX_ROUNDS_AT_ONE_INSTANT) {
                throw new AssertionError("no progress in virtual time at " + now() + " us; " + this);
            }
        }
    }

    @Override
    public String toString() {
        return "network with seed " + seed + ", lost " + leftToRight.lost() + " of " + leftToRight.sent() + " and "
                + rightToLeft.lost() + " of " + rightToLeft.sent();
    }

    private void exchange(Endpoint left, Endpoint right) {
        leftToRight.receive(now()).forEach(datagram -> right.receive(datagram, now()));
        rightToLeft.receive(now()).forEach(datagram -> left.receive(datagram, now()));
        tickIfDue(left);
        tickIfDue(right);
        left.drain().forEach(datagram -> leftToRight.send(datagram, now()));
        right.drain().forEach(datagram -> rightToLeft.send(datagram, now()));
    }

    private void tickIfDue(Endpoint endpoint) {
        OptionalLong deadline = endpoint.nextDeadlineMicros();
        if (deadline.isPresent() && deadline.getAsLong() <= now()) {
            endpoint.tick(now());
        }
    }

    private static long earliest(OptionalLong one, OptionalLong other) {
        return Math.min(one.orElse(Long.MAX_VALUE), other.orElse(Long.MAX_VALUE));
    }
}
