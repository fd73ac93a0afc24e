package io.github.tachyscope.rtc.sctp;

/** A moment at which something is due, or none. */
final class Alarm {
    static final long NEVER = Long.MAX_VALUE;

    private long atMicros = NEVER;

    void set(long micros) {
        atMicros = micros;
    }

    /** Brings the alarm forward, never back. */
    void noLaterThan(long micros) {
        atMicros = Math.min(atMicros, micros);
    }

    void clear() {
        atMicros = NEVER;
    }

    boolean isSet() {
        return atMicros != NEVER;
    }

    long atMicros() {
        return atMicros;
    }

    /** Whether it went off; then it is cleared. */
    boolean rings(long nowMicros) {
        if (nowMicros < atMicros) {
            return false;
        }
        clear();
        return true;
    }
}
