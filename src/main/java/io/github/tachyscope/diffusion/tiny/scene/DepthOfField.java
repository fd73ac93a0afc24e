package io.github.tachyscope.diffusion.tiny.scene;

/** Blurs what is nearer or farther than the focus, each pixel spreading over its own disc. */
final class DepthOfField {
    /** Largest disc in pixels; it bounds the work per pixel. */
    private static final int WIDEST = 7;

    private DepthOfField() {}

    static void apply(Canvas canvas, float[] depths, float focus, float aperture) {
        int size = canvas.width();
        int plane = size * size;
        float[] pixels = canvas.pixels();
        float[] sharp = pixels.clone();
        float[] discs = new float[plane];
        for (int i = 0; i < plane; i++) {
            discs[i] = Math.min(WIDEST, aperture * Math.abs(1 - focus / depths[i]));
        }
        float[] sum = new float[3];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                gather(sharp, depths, discs, size, x, y, sum);
                int at = y * size + x;
                for (int channel = 0; channel < 3; channel++) {
                    pixels[at + channel * plane] = sum[channel];
                }
            }
        }
    }

    private static void gather(float[] sharp, float[] depths, float[] discs, int size, int x, int y, float[] sum) {
        int plane = size * size;
        int at = y * size + x;
        float r = 0;
        float g = 0;
        float b = 0;
        float total = 0;
        for (int row = Math.max(0, y - WIDEST); row <= Math.min(size - 1, y + WIDEST); row++) {
            for (int column = Math.max(0, x - WIDEST); column <= Math.min(size - 1, x + WIDEST); column++) {
                int from = row * size + column;
                float away = Curve.root((row - y) * (row - y) + (column - x) * (column - x));
                float disc = depths[from] > depths[at] ? Math.min(discs[from], discs[at]) : discs[from];
                float reach = disc + 0.5f - away;
                if (reach > 0) {
                    float weight = Math.min(1, reach) / (1 + disc * disc);
                    r += sharp[from] * weight;
                    g += sharp[from + plane] * weight;
                    b += sharp[from + 2 * plane] * weight;
                    total += weight;
                }
            }
        }
        sum[0] = r / total;
        sum[1] = g / total;
        sum[2] = b / total;
    }
}
