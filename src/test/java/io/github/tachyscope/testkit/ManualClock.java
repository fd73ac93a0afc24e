package io.github.tachyscope.testkit;

import io.github.tachyscope.frame.MediaClock;

/** A clock that moves only when told, and never backwards. */
public final class ManualClock implements MediaClock {
    private long micros;

    public ManualClock() {
        this(0);
    }

    public ManualClock(long micros) {
        this.micros = micros;
    }

    @Override
    public synchronized long micros() {
        return micros;
    }

    public synchronized void set(long newMicros) {
        if (newMicros < micros) {
            throw new IllegalArgumentException("time runs forward: " + newMicros + " is before " + micros);
        }
        micros = newMicros;
    }

    public void advance(long byMicros) {
        set(micros() + byMicros);
    }

    public void advanceMillis(long byMillis) {
        advance(byMillis * 1000);
    }
}
