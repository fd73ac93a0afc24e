package io.github.tachyscope.diffusion.tiny.scene;

/** An upright rectangle in the units of its canvas; y grows downwards. */
record Box(float left, float top, float right, float bottom) {
    static Box around(float x, float y, float halfWidth, float halfHeight) {
        return new Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
    }
}
