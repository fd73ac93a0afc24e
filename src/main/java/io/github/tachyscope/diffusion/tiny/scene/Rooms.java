package io.github.tachyscope.diffusion.tiny.scene;

/** The inside of a room: walls, floor, window, pictures and furniture. */
final class Rooms {
    private static final float NEAR = 0.35f;

    private final Canvas canvas;
    private final Dice dice;
    private final Perspective view;
    private final float left;
    private final float right;
    private final float ceiling;
    private final float floor;
    private final float depth;
    private final float lightX;
    private boolean window;

    private Rooms(Canvas canvas, Dice dice) {
        this.canvas = canvas;
        this.dice = dice;
        int size = canvas.width();
        view = new Perspective(
                dice.between(0.3f, 0.7f) * size, dice.between(0.3f, 0.6f) * size, dice.between(130, 260));
        left = -dice.between(0.9f, 2.4f);
        right = dice.between(0.9f, 2.4f);
        ceiling = -dice.between(0.7f, 1.4f);
        floor = dice.between(0.7f, 1.2f);
        depth = dice.between(2, 5);
        lightX = dice.around(1);
    }

    static String paint(Canvas canvas, Dice dice) {
        return new Rooms(canvas, dice).draw();
    }

    private String draw() {
        shell();
        hangings();
        String furniture = furniture();
        if (dice.chance(0.5f)) {
            light();
        }
        if (dice.chance(0.25f)) {
            Blur.box(canvas.pixels(), canvas.width(), canvas.height(), dice.from(1, 4));
        }
        return "a room with " + (window && dice.chance(0.5f) ? "a window" : furniture);
    }

    private void shell() {
        Rgb wall = Rgb.hsv(dice.unit(), dice.between(0, 0.55f), dice.between(0.25f, 0.95f));
        Rgb boards = Rgb.hsv(dice.between(0.02f, 0.14f), dice.between(0.1f, 0.7f), dice.between(0.2f, 0.8f));
        Paint paper = dice.chance(0.5f)
                ? Textures.fractal(dice, 90, wall.times(0.92f), wall.times(1.05f))
                : Textures.any(dice, dice.between(14, 50), wall, wall.varied(dice, 0.3f));
        Paint side = Textures.fractal(dice, 90, wall.times(0.92f), wall.times(1.05f));
        Rgb roof = Rgb.grey(dice.between(0.5f, 1)).mix(wall, 0.3f);
        canvas.fill(view.level(left, right, ceiling, NEAR, depth), Paint.flat(roof));
        Paint ground = dice.chance(0.5f)
                ? tiles(boards, Rgb.any(dice))
                : Textures.marble(dice, dice.between(12, 40), boards.times(0.8f), boards.times(1.1f));
        canvas.fill(view.level(left, right, floor, NEAR, depth), ground);
        canvas.fill(view.along(left, ceiling, floor, NEAR, depth), side.times(Rgb.grey(0.75f - 0.25f * lightX)));
        canvas.fill(view.along(right, ceiling, floor, NEAR, depth), side.times(Rgb.grey(0.75f + 0.25f * lightX)));
        canvas.fill(view.across(left, ceiling, right, floor, depth), paper);
        canvas.fill(view.across(left, floor - 0.08f, right, floor, depth), roof);
        if (dice.chance(0.4f)) {
            float near = dice.between(0.8f, depth * 0.6f);
            Paint rug = Textures.any(dice, dice.between(10, 30));
            canvas.fill(view.level(left * 0.6f, right * 0.6f, floor, near, depth * 0.85f), rug);
        }
    }

    /** Floor tiles in true perspective, found by casting each pixel to the floor. */
    private Paint tiles(Rgb a, Rgb b) {
        float cell = dice.between(0.2f, 0.5f);
        Paint plan = Textures.any(dice, cell * 2, a, a.mix(b, dice.between(0.2f, 1)));
        return (x, y, rgb) -> {
            float z = view.focal() * floor / Math.max(2, y - view.eyeY());
            plan.at((x - view.eyeX()) * z / view.focal(), z, rgb);
        };
    }

    private void hangings() {
        int count = dice.from(0, 3);
        for (int i = 0; i < count; i++) {
            float x = dice.between(left * 0.8f, right * 0.6f);
            float wide = dice.between(0.3f, 0.9f);
            float top = ceiling * dice.between(0.4f, 0.85f);
            float bottom = top + dice.between(0.3f, 0.9f);
            Rgb frame = Rgb.any(dice);
            canvas.fill(view.across(x - 0.05f, top - 0.05f, x + wide + 0.05f, bottom + 0.05f, depth), frame);
            Outline inside = view.across(x, top, x + wide, bottom, depth);
            if (dice.chance(0.5f)) {
                window = true;
                Box box = inside.box();
                Rgb day = Rgb.hsv(dice.between(0.5f, 0.65f), dice.between(0.05f, 0.5f), dice.between(0.4f, 1.3f));
                Rgb garden = Rgb.hsv(dice.between(0.15f, 0.6f), 0.4f, 0.7f);
                canvas.fill(inside, Paint.down(box.top(), day, box.bottom(), day.mix(garden, 0.6f)));
                canvas.fill(view.across(x + wide / 2 - 0.02f, top, x + wide / 2 + 0.02f, bottom, depth), frame);
                float middle = (top + bottom) / 2;
                canvas.fill(view.across(x, middle - 0.02f, x + wide, middle + 0.02f, depth), frame);
            } else {
                canvas.fill(inside, Textures.any(dice, dice.between(10, 40)));
            }
        }
    }

    private String furniture() {
        int count = dice.from(1, 5);
        String last = "furniture";
        float z = depth - 0.2f;
        for (int i = 0; i < count; i++) {
            float thick = dice.between(0.2f, 0.7f);
            z = Math.max(NEAR + 0.7f, z - dice.between(0.1f, 0.5f) * depth / count);
            float x = dice.between(left * 0.9f, right * 0.6f);
            last = piece(x, z - thick * 0.6f, z + thick * 0.4f);
        }
        return count > 2 ? "furniture" : last;
    }

    private String piece(float x, float near, float far) {
        Rgb colour = Rgb.any(dice);
        switch (dice.below(6)) {
            case 0 -> {
                table(x, near, far, colour);
                return "a table";
            }
            case 1 -> {
                sofa(x, near, far, colour);
                return "a sofa";
            }
            case 2 -> {
                shelf(x, near, far, colour);
                return "a shelf";
            }
            case 3 -> {
                Canvas at = canvas.placed(view.x(x, near), view.y(floor, near), view.focal() / near / 90, 0);
                Backdrop.plant(at, dice, 0, -18);
                return "a plant";
            }
            case 4 -> {
                float y = view.y(floor, near);
                float radius = view.focal() / near * dice.between(0.1f, 0.25f);
                Box box = Box.around(view.x(x, near), y - radius, radius, radius);
                canvas.fill(
                        Shape.ellipse(view.x(x, near), y, radius * 1.1f, radius * 0.25f),
                        6,
                        0.5f,
                        Paint.flat(Rgb.BLACK));
                Light light = new Light(0.6f * lightX, -0.6f, 0.5f, 0.35f, 0.4f);
                canvas.fill(
                        Shape.circle(view.x(x, near), y - radius, radius),
                        Textures.any(dice, radius, colour, Rgb.any(dice)).lit(box, light));
                return "a ball";
            }
            default -> {
                float wide = dice.between(0.3f, 0.9f);
                float top = floor - dice.between(0.25f, 0.9f);
                shadow(x, x + wide, near, far);
                Box front = new Box(x, top, x + wide, floor);
                view.block(canvas, front, near, far, Textures.cloth(dice, 40, colour), lightX);
                return "boxes";
            }
        }
    }

    private void shadow(float from, float to, float near, float far) {
        float shift = -lightX * 0.15f;
        Outline ground = view.level(from + shift - 0.04f, to + shift + 0.04f, floor, near - 0.05f, far);
        canvas.fill(ground, 0.4f, Paint.flat(Rgb.BLACK));
    }

    private void table(float x, float near, float far, Rgb colour) {
        float wide = dice.between(0.5f, 1);
        float top = floor - dice.between(0.35f, 0.6f);
        shadow(x, x + wide, near, far);
        Paint wood = Textures.marble(dice, 20, colour.times(0.8f), colour);
        float[] ends = {far - 0.06f, near};
        for (float z : ends) {
            view.block(canvas, new Box(x, top, x + 0.06f, floor), z, z + 0.06f, wood, lightX);
            view.block(canvas, new Box(x + wide - 0.06f, top, x + wide, floor), z, z + 0.06f, wood, lightX);
        }
        view.block(canvas, new Box(x - 0.05f, top - 0.06f, x + wide + 0.05f, top), near - 0.03f, far, wood, lightX);
        if (dice.chance(0.6f)) {
            float at = x + dice.between(0.1f, 0.9f) * wide;
            float high = dice.between(0.1f, 0.35f);
            Box vase = new Box(at - 0.06f, top - 0.06f - high, at + 0.06f, top - 0.06f);
            view.block(canvas, vase, (near + far) / 2, (near + far) / 2 + 0.1f, Paint.flat(Rgb.any(dice)), lightX);
        }
    }

    private void sofa(float x, float near, float far, Rgb colour) {
        float wide = dice.between(0.7f, 1.3f);
        Paint cloth = Textures.cloth(dice, 30, colour);
        shadow(x, x + wide, near, far);
        view.block(canvas, new Box(x, floor - 0.65f, x + wide, floor), far - 0.12f, far, cloth, lightX);
        view.block(canvas, new Box(x, floor - 0.3f, x + wide, floor), near, far - 0.1f, cloth, lightX);
        view.block(canvas, new Box(x - 0.1f, floor - 0.45f, x + 0.02f, floor), near, far, cloth, lightX);
        view.block(canvas, new Box(x + wide - 0.02f, floor - 0.45f, x + wide + 0.1f, floor), near, far, cloth, lightX);
    }

    private void shelf(float x, float near, float far, Rgb colour) {
        float wide = dice.between(0.4f, 0.9f);
        float top = ceiling + dice.between(0.1f, 0.8f);
        view.block(canvas, new Box(x, top, x + wide, floor), near, far, Paint.flat(colour), lightX);
        float gap = dice.between(0.2f, 0.35f);
        for (float y = top + 0.05f; y + gap < floor; y += gap + 0.04f) {
            canvas.fill(view.across(x + 0.04f, y, x + wide - 0.04f, y + gap, near), colour.times(0.35f));
            for (float at = x + 0.05f; at < x + wide - 0.08f; at += dice.between(0.035f, 0.09f)) {
                float high = gap * dice.between(0.5f, 0.95f);
                canvas.fill(view.across(at, y + gap - high, at + 0.03f, y + gap, near), Rgb.any(dice));
            }
        }
    }

    private void light() {
        Rgb warm = Rgb.hsv(dice.between(0.05f, 0.17f), dice.between(0, 0.5f), 1);
        float x = dice.unit() * canvas.width();
        canvas.glow(x, dice.between(0, 0.5f) * canvas.height(), dice.between(80, 220), warm, dice.between(0.15f, 0.6f));
    }
}
