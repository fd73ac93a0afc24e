package io.github.tachyscope.diffusion.tiny.scene;

/** Towers with lit or dark windows, a street, lamps and cars. */
final class Cities {
    private Cities() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        float ground = dice.between(0.68f, 0.95f) * size;
        Sky sky = Sky.paint(canvas, ground, dice);
        int rows = dice.from(1, 3);
        for (int i = 0; i < rows; i++) {
            float far = (rows - 1 - i) / (float) Math.max(1, rows);
            row(canvas, dice, sky, ground, far, dice.between(40, 150) * (1 + far * 0.5f));
        }
        boolean street = dice.chance(0.75f);
        if (street) {
            street(canvas, dice, sky, ground);
        } else {
            Water.paint(canvas, dice, sky, ground - dice.between(0, 30));
        }
        String where = street ? "" : " by the water";
        return dice.pick("a city skyline", "a city with tall buildings", "skyscrapers") + where + sky.time();
    }

    private static void row(Canvas canvas, Dice dice, Sky sky, float ground, float far, float tall) {
        int size = canvas.width();
        Rgb theme = Rgb.any(dice);
        float x = dice.between(-30, 0);
        while (x < size) {
            float wide = dice.between(18, 62);
            float height = tall * dice.between(0.4f, 1.3f);
            Rgb wall = Rgb.any(dice).mix(theme, dice.between(0.2f, 0.8f)).times(sky.light());
            tower(
                    canvas,
                    dice,
                    sky,
                    new Box(x, ground - height, x + wide, ground),
                    wall.mix(sky.haze(), far * 0.7f),
                    far);
            x += wide + (dice.chance(0.3f) ? dice.between(0, 24) : 0);
        }
    }

    private static void tower(Canvas canvas, Dice dice, Sky sky, Box box, Rgb wall, float far) {
        float wide = box.right() - box.left();
        Shape body = Shape.rectangle(box.left(), box.top(), box.right(), box.bottom());
        Paint face = dice.chance(0.25f)
                ? Textures.bricks(dice, 10, wall, wall.times(0.7f))
                : Textures.fractal(dice, 40, wall.times(0.85f), wall.times(1.1f));
        canvas.fill(body, face);
        float side = dice.between(0, 0.35f) * wide;
        canvas.fill(
                Shape.rectangle(box.right() - side, box.top(), box.right(), box.bottom()),
                0,
                0.5f,
                Paint.flat(Rgb.BLACK));
        windows(canvas, dice, sky, box, wall, far);
        roof(canvas, dice, box, wall);
    }

    private static void windows(Canvas canvas, Dice dice, Sky sky, Box box, Rgb wall, float far) {
        float stepX = dice.between(5, 13);
        float stepY = dice.between(6, 15);
        float paneX = stepX * dice.between(0.35f, 0.85f);
        float paneY = stepY * dice.between(0.35f, 0.8f);
        float lit = sky.night() ? dice.between(0.15f, 0.8f) : dice.between(0, 0.1f);
        Rgb lamp =
                Rgb.hsv(dice.between(0.08f, 0.17f), dice.between(0.2f, 0.7f), 1).mix(sky.haze(), far * 0.4f);
        Rgb glass = wall.times(dice.between(0.3f, 0.8f)).mix(sky.haze(), dice.between(0, 0.5f));
        for (float y = box.top() + stepY * 0.6f; y + paneY < box.bottom() - 4; y += stepY) {
            for (float x = box.left() + stepX * 0.4f; x + paneX < box.right(); x += stepX) {
                Rgb pane = dice.chance(lit) ? lamp.times(dice.between(0.6f, 1.1f)) : glass.varied(dice, 0.2f);
                canvas.fill(Shape.rectangle(x, y, x + paneX, y + paneY), pane);
            }
        }
    }

    private static void roof(Canvas canvas, Dice dice, Box box, Rgb wall) {
        float middle = (box.left() + box.right()) / 2;
        float half = (box.right() - box.left()) / 2;
        switch (dice.below(6)) {
            case 0 ->
                canvas.fill(
                        Shape.stroke(middle, box.top(), middle, box.top() - dice.between(10, 40), 1.2f, 0.4f), wall);
            case 1 ->
                canvas.fill(
                        Outline.of(
                                box.left(), box.top(), middle, box.top() - dice.between(8, 40), box.right(), box.top()),
                        wall.times(0.8f));
            case 2 ->
                canvas.fill(
                        Shape.rectangle(middle - half * 0.6f, box.top() - 14, middle + half * 0.6f, box.top() + 1),
                        wall);
            case 3 -> canvas.fill(Shape.ellipse(middle, box.top(), half, half * 0.8f), wall.times(0.9f));
            default -> {}
        }
    }

    private static void street(Canvas canvas, Dice dice, Sky sky, float ground) {
        int size = canvas.width();
        Rgb asphalt = Rgb.grey(dice.between(0.12f, 0.4f)).times(sky.light().mix(Rgb.WHITE, 0.4f));
        canvas.fill(
                Shape.rectangle(-9, ground, size + 9, size + 9),
                Textures.fractal(dice, 20, asphalt.times(0.85f), asphalt.times(1.15f)));
        float far = dice.between(0.3f, 0.7f) * size;
        Rgb kerb = asphalt.mix(Rgb.grey(0.7f), 0.5f);
        float spread = dice.between(0.5f, 1) * size;
        for (int side = -1; side <= 1; side += 2) {
            canvas.fill(
                    Outline.from(far + side * 5, ground)
                            .to(far + side * 90 + side * size, ground)
                            .to(far + side * (spread + size), size + 9)
                            .to(far + side * spread, size + 9)
                            .closed(),
                    kerb);
        }
        Rgb line = dice.chance(0.5f) ? Rgb.grey(0.85f) : Rgb.hsv(0.13f, 0.7f, 0.9f);
        for (float y = 0.05f; y < 1; y += 0.22f) {
            float top = ground + y * (size - ground);
            float bottom = ground + (y + 0.11f) * (size - ground);
            canvas.fill(
                    Outline.from(far - 0.5f - y, top)
                            .to(far + 0.5f + y, top)
                            .to(far + 1.5f + 2 * y, bottom)
                            .to(far - 1.5f - 2 * y, bottom)
                            .closed(),
                    line.times(sky.light().mix(Rgb.WHITE, 0.4f)));
        }
        int cars = dice.from(0, 3);
        for (int i = 0; i < cars; i++) {
            float y = ground + dice.between(0.15f, 0.9f) * (size - ground);
            car(canvas.placed(dice.unit() * size, y, dice.between(14, 30), 0), dice, sky);
        }
        int lamps = dice.chance(0.4f) ? dice.from(1, 4) : 0;
        for (int i = 0; i < lamps; i++) {
            lamp(canvas, dice, sky, dice.unit() * size, ground + dice.between(0, 0.3f) * (size - ground));
        }
    }

    static void car(Canvas at, Dice dice, Sky sky) {
        Rgb paint = Rgb.any(dice).times(sky.light().mix(Rgb.WHITE, 0.3f));
        at.fill(Shape.ellipse(0, 0.02f, 1.15f, 0.12f), 0.1f, 0.6f, Paint.flat(Rgb.BLACK));
        at.fill(
                Outline.of(-0.6f, -0.4f, -0.35f, -0.75f, 0.35f, -0.75f, 0.65f, -0.4f)
                        .smooth(1),
                paint.times(0.9f));
        at.fill(
                Outline.of(-0.5f, -0.4f, -0.3f, -0.68f, 0.3f, -0.68f, 0.52f, -0.4f),
                sky.haze().times(0.6f));
        at.fill(
                Shape.rounded(-1.05f, -0.45f, 1.05f, -0.1f, 0.12f),
                Paint.down(-0.45f, paint.times(1.1f), 0, paint.times(0.5f)));
        for (int side = -1; side <= 1; side += 2) {
            at.fill(Shape.circle(side * 0.62f, -0.1f, 0.2f), Rgb.grey(0.06f));
            at.fill(Shape.circle(side * 0.62f, -0.1f, 0.1f), Rgb.grey(0.5f));
        }
        if (sky.night()) {
            at.glow(1.05f, -0.32f, 0.6f, Rgb.hsv(0.14f, 0.3f, 1), 0.9f);
            at.glow(-1.05f, -0.32f, 0.4f, Rgb.hsv(0, 0.9f, 1), 0.8f);
        }
    }

    private static void lamp(Canvas canvas, Dice dice, Sky sky, float x, float y) {
        float tall = dice.between(50, 90);
        canvas.fill(Shape.stroke(x, y, x, y - tall, 1.8f, 1.1f), Rgb.grey(0.1f));
        canvas.fill(Shape.stroke(x, y - tall, x + 10, y - tall - 4, 1.1f, 1), Rgb.grey(0.1f));
        Rgb glow = Rgb.hsv(0.12f, 0.4f, 1);
        canvas.fill(Shape.ellipse(x + 11, y - tall - 2, 4, 2.2f), glow);
        if (sky.night()) {
            canvas.glow(x + 11, y - tall - 2, dice.between(25, 50), glow, 0.7f);
        }
    }
}
