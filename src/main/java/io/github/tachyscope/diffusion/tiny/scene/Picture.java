package io.github.tachyscope.diffusion.tiny.scene;

/**
 * A picture as planes: all of red, then green, then blue, row by row.
 *
 * @param rgb values from 0 to 1, owned by this record
 */
public record Picture(int width, int height, float[] rgb) {
    public Picture {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(rgb.length + " values for " + width + "x" + height + " pixels");
        }
        for (float value : rgb) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("a value outside 0..1: " + value);
            }
        }
    }
}
