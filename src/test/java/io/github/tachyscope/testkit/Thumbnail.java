package io.github.tachyscope.testkit;

import java.util.Arrays;
import java.util.List;

/** A picture of 24 x 24 pixels, enough to tell pictures apart and too coarse to see codec noise. */
public final class Thumbnail {
    static final int SIDE = 24;

    private final int[] values;

    private Thumbnail(int[] values) {
        this.values = values;
    }

    static Thumbnail of(List<?> values) {
        return new Thumbnail(
                values.stream().mapToInt(value -> ((Number) value).intValue()).toArray());
    }

    /** The mean of some pictures. */
    public static Thumbnail mean(List<Thumbnail> pictures) {
        int[] values = new int[SIDE * SIDE * 3];
        for (int i = 0; i < values.length; i++) {
            int at = i;
            values[i] = (int) pictures.stream()
                    .mapToInt(picture -> picture.values[at])
                    .average()
                    .orElse(0);
        }
        return new Thumbnail(values);
    }

    /** Mean difference of a colour value of a pixel, 0 to 255. */
    public double distance(Thumbnail other) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += Math.abs(values[i] - other.values[i]);
        }
        return sum / values.length;
    }

    /** Difference of the mean colours, 0 to 441. */
    public double colourDistance(Thumbnail other) {
        double[] mine = meanColour();
        double[] theirs = other.meanColour();
        double sum = 0;
        for (int i = 0; i < mine.length; i++) {
            sum += (mine[i] - theirs[i]) * (mine[i] - theirs[i]);
        }
        return Math.sqrt(sum);
    }

    /** How much the pixels differ among each other; near 0 for a plain area. */
    public double contrast() {
        double mean = Arrays.stream(values).average().orElse(0);
        return Math.sqrt(Arrays.stream(values)
                .mapToDouble(value -> (value - mean) * (value - mean))
                .average()
                .orElse(0));
    }

    private double[] meanColour() {
        double[] mean = new double[3];
        for (int i = 0; i < values.length; i++) {
            mean[i % 3] += 3.0 * values[i] / values.length;
        }
        return mean;
    }

    @Override
    public String toString() {
        return "colour " + Arrays.toString(meanColour()) + ", contrast " + contrast();
    }
}
