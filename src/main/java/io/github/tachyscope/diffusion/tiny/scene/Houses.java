package io.github.tachyscope.diffusion.tiny.scene;

/** A house on a meadow, with trees, fence and chimney. */
final class Houses {
    private Houses() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        float ground = dice.between(0.55f, 0.8f) * size;
        Sky sky = Sky.paint(canvas, ground, dice);
        boolean snow = dice.chance(0.2f);
        Rgb grass = snow
                ? Rgb.grey(0.92f)
                : Rgb.hsv(dice.between(0.16f, 0.4f), dice.between(0.3f, 0.8f), dice.between(0.25f, 0.7f));
        hills(canvas, dice, sky, grass, ground);
        Paint meadow = dice.chance(0.5f)
                ? Textures.fractal(dice, dice.between(15, 50), grass.times(0.65f), grass.times(1.15f))
                : Textures.foliage(dice, dice.between(2.5f, 7), grass.times(0.7f), grass.times(1.1f));
        canvas.fill(Shape.rectangle(-9, ground - 2, size + 9, size + 9), meadow.times(sky.light()));
        trees(canvas, dice, sky, ground - dice.between(0, 8), dice.from(0, 6));
        float half = dice.between(38, 80);
        float x = dice.between(0.3f, 0.7f) * size;
        float foot = ground + dice.between(5, 40);
        String colour = house(canvas.placed(x, foot, half, 0), dice, sky, snow);
        if (dice.chance(0.3f)) {
            fence(canvas, dice, sky, foot + dice.between(8, 30));
        }
        trees(canvas, dice, sky, foot + 12, dice.from(0, 2));
        return colour + " house" + dice.pick("", " with a roof", snow ? " in the snow" : " on a meadow") + sky.time();
    }

    private static void hills(Canvas canvas, Dice dice, Sky sky, Rgb grass, float ground) {
        int size = canvas.width();
        int count = dice.from(0, 3);
        for (int i = 0; i < count; i++) {
            float x = dice.unit() * size;
            float high = dice.between(15, 80);
            Rgb tone = grass.varied(dice, 0.4f).times(sky.light()).mix(sky.haze(), dice.between(0.2f, 0.7f));
            canvas.fill(
                    Shape.ellipse(x, ground + 5, dice.between(80, 200), high),
                    Textures.fractal(dice, 40, tone.times(0.75f), tone));
        }
    }

    private static void trees(Canvas canvas, Dice dice, Sky sky, float y, int count) {
        boolean conifers = dice.chance(0.4f);
        for (int i = 0; i < count; i++) {
            Canvas at = canvas.placed(dice.unit() * canvas.width(), y + dice.between(0, 10), dice.between(40, 110), 0);
            Trees.paint(at, dice, sky.light(), conifers);
        }
    }

    /** Half as wide as one unit to each side, standing on the origin. */
    private static String house(Canvas at, Dice dice, Sky sky, boolean snow) {
        float high = dice.between(0.7f, 1.5f);
        float gable = dice.between(0.4f, 0.9f);
        Rgb wall = Rgb.any(dice);
        Rgb lit = wall.times(sky.light());
        Paint face = switch (dice.below(3)) {
            case 0 -> Textures.bricks(dice, dice.between(0.12f, 0.25f), lit, lit.mix(Rgb.grey(0.7f), 0.5f));
            case 1 -> Textures.stripes(dice, 0.1f, lit, lit.times(0.85f));
            default -> Textures.fractal(dice, 0.5f, lit.times(0.9f), lit.times(1.08f));
        };
        Rgb tile = (dice.chance(0.6f)
                        ? Rgb.hsv(dice.between(-0.03f, 0.08f), dice.between(0.4f, 0.9f), dice.between(0.3f, 0.8f))
                        : Rgb.any(dice))
                .times(sky.light());
        at.fill(Shape.ellipse(0.15f, 0, 1.4f, 0.12f), 0.15f, 0.5f, Paint.flat(Rgb.BLACK));
        chimney(at, dice, tile, -high - gable);
        at.fill(Outline.rectangle(-1, -high, 1, 0), face);
        Paint roof = snow
                ? Textures.fractal(dice, 0.5f, Rgb.grey(0.8f), Rgb.grey(1)).times(sky.light())
                : Textures.bricks(dice, dice.between(0.1f, 0.2f), tile, tile.times(0.6f));
        if (dice.chance(0.5f)) {
            at.fill(Outline.of(-1, -high, 0, -high - gable, 1, -high), face);
            at.fill(
                    Outline.from(-1.2f, -high + 0.12f)
                            .to(0, -high - gable - 0.06f)
                            .to(1.2f, -high + 0.12f)
                            .to(1.12f, -high + 0.22f)
                            .to(0, -high - gable + 0.12f)
                            .to(-1.12f, -high + 0.22f)
                            .closed(),
                    roof);
        } else {
            float ridge = dice.between(0.5f, 1);
            at.fill(
                    Outline.of(-1.2f, -high + 0.08f, -ridge, -high - gable, ridge, -high - gable, 1.2f, -high + 0.08f),
                    roof);
        }
        openings(at, dice, sky, high);
        return wall.article();
    }

    private static void chimney(Canvas at, Dice dice, Rgb brick, float top) {
        if (dice.chance(0.4f)) {
            return;
        }
        float x = dice.between(0.25f, 0.6f) * dice.sign();
        Paint face = Textures.bricks(dice, 0.12f, brick.times(0.8f), Rgb.grey(0.5f));
        at.fill(Outline.rectangle(x - 0.12f, top - 0.05f, x + 0.12f, top + 0.9f), face);
        if (dice.chance(0.5f)) {
            for (int i = 0; i < 6; i++) {
                Shape puff = Shape.circle(x + i * 0.1f, top - 0.15f - i * 0.14f, 0.1f + i * 0.035f);
                at.fill(puff, 0.15f, 0.45f - i * 0.06f, Paint.flat(Rgb.grey(0.85f)));
            }
        }
    }

    private static void openings(Canvas at, Dice dice, Sky sky, float high) {
        Rgb frame = Rgb.grey(dice.between(0.3f, 1)).times(sky.light());
        Rgb glass = sky.night() && dice.chance(0.7f)
                ? Rgb.hsv(0.12f, 0.5f, 1)
                : sky.haze().times(dice.between(0.3f, 0.9f));
        float doorX = dice.between(-0.7f, 0.7f);
        int columns = dice.from(2, 4);
        int floors = high > 1.1f ? 2 : 1;
        for (int floor = 0; floor < floors; floor++) {
            for (int i = 0; i < columns; i++) {
                float x = -0.75f + 1.5f * i / (columns - 1);
                if (floor == 0 && Math.abs(x - doorX) < 0.35f) {
                    continue;
                }
                float y = -0.45f - floor * 0.6f;
                at.fill(Outline.rectangle(x - 0.16f, y - 0.2f, x + 0.16f, y + 0.2f), frame);
                at.fill(
                        Outline.rectangle(x - 0.13f, y - 0.17f, x + 0.13f, y + 0.17f),
                        Paint.gradient(x, y - 0.2f, glass, x + 0.1f, y + 0.2f, glass.times(0.6f)));
                at.fill(Outline.rectangle(x - 0.012f, y - 0.17f, x + 0.012f, y + 0.17f), frame);
                at.fill(Outline.rectangle(x - 0.13f, y - 0.012f, x + 0.13f, y + 0.012f), frame);
            }
        }
        Rgb door = Rgb.any(dice).times(sky.light());
        at.fill(Outline.rectangle(doorX - 0.18f, -0.6f, doorX + 0.18f, 0), frame);
        at.fill(Outline.rectangle(doorX - 0.15f, -0.57f, doorX + 0.15f, 0), door);
        at.fill(Shape.circle(doorX + 0.1f, -0.28f, 0.022f), Rgb.hsv(0.13f, 0.6f, 0.9f));
    }

    private static void fence(Canvas canvas, Dice dice, Sky sky, float y) {
        Rgb wood = Rgb.hsv(0.08f, dice.between(0, 0.5f), dice.between(0.4f, 1)).times(sky.light());
        float step = dice.between(10, 18);
        canvas.fill(Shape.rectangle(-9, y - 16, canvas.width() + 9, y - 13), wood.times(0.8f));
        canvas.fill(Shape.rectangle(-9, y - 7, canvas.width() + 9, y - 4), wood.times(0.8f));
        for (float x = dice.unit() * step; x < canvas.width(); x += step) {
            canvas.fill(Outline.of(x - 2, y, x - 2, y - 19, x, y - 23, x + 2, y - 19, x + 2, y), wood);
        }
    }
}
