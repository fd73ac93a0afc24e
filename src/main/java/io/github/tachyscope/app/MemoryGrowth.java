package io.github.tachyscope.app;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether memory grew while nothing else did.
 *
 * <p>The first quarter of the samples is the warm-up. Of the rest, what lies between the means of the first and of the
 * last third is the growth, so that no single sample decides; the slope of the straight line through all of the rest is
 * the growth per hour.
 *
 * @param heap bytes grown, of what was left after a collection
 * @param resident bytes grown, of the whole process: heap, tensors, codecs
 * @param heapPerHour slope in bytes
 * @param residentPerHour slope in bytes
 */
record MemoryGrowth(double heap, double resident, double heapPerHour, double residentPerHour) {
    /** With fewer, the warm-up and both thirds are not told apart. */
    static final int FEWEST_SAMPLES = 8;

    private static final double HOUR = 3600;

    /**
     * @param seconds since the beginning
     * @param heap bytes
     * @param resident bytes
     */
    record Sample(double seconds, long heap, long resident) {}

    static MemoryGrowth of(List<Sample> samples) {
        if (samples.size() < FEWEST_SAMPLES) {
            throw new IllegalArgumentException(samples.size() + " samples are too few to judge");
        }
        List<Sample> warm = samples.subList(samples.size() / 4, samples.size());
        return new MemoryGrowth(
                grown(warm, Sample::heap),
                grown(warm, Sample::resident),
                HOUR * slope(warm, Sample::heap),
                HOUR * slope(warm, Sample::resident));
    }

    boolean beyond(double most) {
        return heap > most || resident > most;
    }

    private static double grown(List<Sample> samples, ToDoubleFunction<Sample> what) {
        int third = samples.size() / 3;
        return mean(samples.subList(samples.size() - third, samples.size()), what)
                - mean(samples.subList(0, third), what);
    }

    private static double mean(List<Sample> samples, ToDoubleFunction<Sample> what) {
        return samples.stream().mapToDouble(what).average().orElseThrow();
    }

    /** Per second, by least squares. */
    private static double slope(List<Sample> samples, ToDoubleFunction<Sample> what) {
        double middle = mean(samples, Sample::seconds);
        double level = mean(samples, what);
        double rise = 0;
        double width = 0;
        for (Sample sample : samples) {
            double from = sample.seconds() - middle;
            rise += from * (what.applyAsDouble(sample) - level);
            width += from * from;
        }
        return width == 0 ? 0 : rise / width;
    }
}
