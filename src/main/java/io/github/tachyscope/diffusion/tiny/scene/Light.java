package io.github.tachyscope.diffusion.tiny.scene;

/**
 * A distant light that shades rounded things by Lambert's law.
 *
 * @param x towards the right, y downwards, z towards the viewer; together of length one
 * @param ambient brightness of what the light does not reach
 * @param gloss strength of the highlight
 */
record Light(float x, float y, float z, float ambient, float gloss) {
    static Light any(Dice dice, float gloss) {
        float x = dice.around(0.85f);
        float y = dice.between(-0.85f, 0.1f);
        float z = dice.between(0.35f, 0.9f);
        float length = Curve.root(x * x + y * y + z * z);
        return new Light(x / length, y / length, z / length, dice.between(0.25f, 0.6f), gloss);
    }

    Light glossy(float strength) {
        return new Light(x, y, z, ambient, strength);
    }

    /** The same light with the shadows lifted. */
    Light softer(float lowestAmbient) {
        return new Light(x, y, z, Math.max(ambient, lowestAmbient), gloss);
    }

    /** Shades the colour of a point of the unit sphere seen from the front. */
    void shade(float nx, float ny, float[] rgb) {
        float flat = nx * nx + ny * ny;
        float nz = Curve.root(Math.max(0.02f, 1 - flat));
        float shrink = flat > 0.98f ? Curve.root(0.98f / flat) : 1;
        float cosine = Math.max(0, (nx * x + ny * y) * shrink + nz * z);
        float bright = ambient + (1.12f - ambient) * cosine;
        float spark = 0;
        if (gloss > 0) {
            float half = Math.max(0, 2 * cosine * nz - z);
            float squared = half * half;
            spark = gloss * squared * squared * squared * squared;
        }
        rgb[0] = rgb[0] * bright + spark;
        rgb[1] = rgb[1] * bright + spark;
        rgb[2] = rgb[2] * bright + spark;
    }
}
