package io.github.tachyscope.diffusion.tiny.scene;

/** Water that mirrors what was painted above it. */
final class Water {
    private Water() {}

    static void paint(Canvas canvas, Dice dice, Sky sky, float shore) {
        int size = canvas.width();
        int plane = size * canvas.height();
        float[] above = canvas.pixels().clone();
        Rgb depth = Rgb.hsv(dice.between(0.45f, 0.65f), dice.between(0.2f, 0.8f), dice.between(0.15f, 0.6f))
                .times(sky.light());
        float clear = dice.between(0.3f, 0.85f);
        float squeeze = Math.min(1, shore / (size - shore));
        float swell = dice.between(1, 10);
        Noise waves = new Noise(dice, dice.between(60, 160), dice.between(5, 16));
        Paint mirror = (x, y, rgb) -> {
            float below = (y - shore) * squeeze;
            float near = 0.3f + below / size;
            float wave = waves.at(x / near * 0.4f, y / near * 0.4f) - 0.5f;
            float up = Math.abs(shore - below + wave * swell * (1 + near * 3));
            int row = (int) Math.min(shore - 1, up);
            int column = (int) Math.max(0, Math.min(size - 1, x + wave * swell * 0.7f));
            int at = row * size + column;
            float spark = Math.max(0, wave - 0.12f) * 1.2f;
            rgb[0] = Curve.mix(depth.r(), above[at], clear) + spark * sky.haze().r();
            rgb[1] = Curve.mix(depth.g(), above[at + plane], clear)
                    + spark * sky.haze().g();
            rgb[2] = Curve.mix(depth.b(), above[at + 2 * plane], clear)
                    + spark * sky.haze().b();
        };
        canvas.fill(Shape.rectangle(-9, shore, size + 9, size + 9), mirror);
    }
}
