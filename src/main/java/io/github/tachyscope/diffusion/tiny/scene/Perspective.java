package io.github.tachyscope.diffusion.tiny.scene;

/**
 * A camera that looks straight into a room: X to the right, Y down, both 0 at the eye, Z away from it.
 *
 * @param eyeX where X = Y = 0 is on the picture
 * @param focal pixels per unit at distance one
 */
record Perspective(float eyeX, float eyeY, float focal) {
    float x(float x, float z) {
        return eyeX + focal * x / z;
    }

    float y(float y, float z) {
        return eyeY + focal * y / z;
    }

    /** An upright face across the view. */
    Outline across(float left, float top, float right, float bottom, float z) {
        return Outline.rectangle(x(left, z), y(top, z), x(right, z), y(bottom, z));
    }

    /** A level face, such as a floor. */
    Outline level(float left, float right, float y, float near, float far) {
        return Outline.from(x(left, far), y(y, far))
                .to(x(right, far), y(y, far))
                .to(x(right, near), y(y, near))
                .to(x(left, near), y(y, near))
                .closed();
    }

    /** An upright face along the view, such as a side wall. */
    Outline along(float x, float top, float bottom, float near, float far) {
        return Outline.from(x(x, far), y(top, far))
                .to(x(x, near), y(top, near))
                .to(x(x, near), y(bottom, near))
                .to(x(x, far), y(bottom, far))
                .closed();
    }

    /** The faces of a block that the eye can see; the light comes from the side of {@code lightX}. */
    void block(Canvas canvas, Box front, float near, float far, Paint paint, float lightX) {
        Rgb shade = Rgb.grey(0.62f - 0.2f * lightX);
        if (front.left() > 0) {
            Rgb side = Rgb.grey(0.62f + 0.2f * lightX);
            canvas.fill(along(front.left(), front.top(), front.bottom(), near, far), paint.times(side));
        }
        if (front.right() < 0) {
            canvas.fill(along(front.right(), front.top(), front.bottom(), near, far), paint.times(shade));
        }
        if (front.top() > 0) {
            Outline top = level(front.left(), front.right(), front.top(), near, far);
            canvas.fill(top, paint.times(Rgb.grey(1.15f)));
        }
        canvas.fill(
                across(front.left(), front.top(), front.right(), front.bottom(), near), paint.times(Rgb.grey(0.85f)));
    }
}
