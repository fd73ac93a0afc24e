package io.github.tachyscope.diffusion.tiny.training;

/** Time spent on a stage over all runs, and what is due. */
final class Clock {
    private static final double SAVE_SECONDS = 300;
    private static final double TELL_SECONDS = 20;

    private final long start = System.nanoTime();
    private final double earlier;
    private double told;
    private double saved;

    /** @param earlier minutes of earlier runs */
    Clock(double earlier) {
        this.earlier = earlier;
    }

    /** Of all runs. */
    double minutes() {
        return earlier + seconds() / 60;
    }

    /** Of this run. */
    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    boolean toTell() {
        boolean due = seconds() - told >= TELL_SECONDS;
        told = due ? seconds() : told;
        return due;
    }

    boolean toSave() {
        boolean due = seconds() - saved >= SAVE_SECONDS;
        saved = due ? seconds() : saved;
        return due;
    }
}
