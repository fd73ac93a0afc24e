package io.github.tachyscope.diffusion.tiny.scene;

import java.util.Locale;

/** Words in a stroke font on a board, a wall or a page. */
final class Signs {
    private static final String[] WORDS = {
        "STOP", "OPEN", "CAFE", "HELLO", "EXIT", "TAXI", "HOTEL", "BAR", "SALE", "LIVE", "NEWS", "ZOO", "MUSIC", "PARK",
        "BOOKS", "PIZZA", "WELCOME", "FISH", "QUIZ", "JAZZ", "KIOSK", "VINYL", "2024", "1789", "365", "BUS 40",
    };

    private Signs() {}

    static String paint(Canvas canvas, Dice dice) {
        int size = canvas.width();
        Rgb ground = Rgb.any(dice);
        if (dice.chance(0.4f)) {
            Backdrop.indoors(canvas, dice);
        } else {
            canvas.fill(
                    dice.chance(0.4f)
                            ? Paint.flat(ground)
                            : Textures.any(dice, dice.between(20, 90), ground, Rgb.any(dice)));
        }
        int lines = dice.from(1, 5);
        String first = "";
        Canvas board = canvas.placed(size / 2f, size / 2f, 1, dice.chance(0.6f) ? dice.around(0.2f) : 0);
        float halfX = dice.between(80, 120);
        float halfY = dice.between(50, 112);
        if (dice.chance(0.5f)) {
            ground = board(board, dice, halfX, halfY);
        }
        float y = dice.between(12, 30) - halfY;
        for (int i = 0; i < lines && y < halfY - 20; i++) {
            String word = dice.chance(0.7f) ? WORDS[dice.below(WORDS.length)] : letters(dice);
            first = i == 0 ? word : first;
            float high = Math.min(dice.between(18, 75), Math.min(halfY - y - 8, 1.7f * halfX / word.length()));
            write(board, dice, word, y, high, contrasting(dice, ground));
            y += high * dice.between(1.2f, 1.6f);
        }
        return dice.chance(0.5f) ? "a sign that says " + first.toLowerCase(Locale.ROOT) : "a sign with letters";
    }

    private static Rgb board(Canvas at, Dice dice, float halfX, float halfY) {
        Rgb face = dice.chance(0.5f) ? Rgb.vivid(dice) : Rgb.any(dice);
        float round = dice.between(0, 25);
        at.fill(Shape.rounded(-halfX + 5, -halfY + 6, halfX + 5, halfY + 6, round), 8, 0.5f, Paint.flat(Rgb.BLACK));
        at.fill(Shape.rounded(-halfX, -halfY, halfX, halfY, round), contrasting(dice, face));
        at.fill(
                Shape.rounded(-halfX + 4, -halfY + 4, halfX - 4, halfY - 4, Math.max(0, round - 4)),
                Textures.fractal(dice, 60, face.times(0.92f), face.times(1.05f)));
        return face;
    }

    private static void write(Canvas board, Dice dice, String word, float y, float high, Rgb colour) {
        float wide = high * dice.between(0.75f, 1.05f);
        float advance = wide * dice.between(0.82f, 1);
        float radius = dice.between(0.04f, 0.13f);
        float left = -advance * word.length() / 2 + dice.around(8);
        boolean shadow = dice.chance(0.3f);
        float shake = dice.chance(0.25f) ? 0.15f : 0;
        for (int i = 0; i < word.length(); i++) {
            float turn = dice.around(shake);
            if (shadow) {
                Canvas below = board.placed(left + i * advance + high * 0.06f, y + high * 0.07f, high, turn);
                StrokeFont.write(below, word.charAt(i), radius, Paint.flat(colour.times(0.25f)));
            }
            StrokeFont.write(
                    board.placed(left + i * advance, y, high, turn), word.charAt(i), radius, Paint.flat(colour));
        }
    }

    private static String letters(Dice dice) {
        StringBuilder word = new StringBuilder();
        int length = dice.from(1, 7);
        for (int i = 0; i < length; i++) {
            word.append(StrokeFont.characters()
                    .charAt(dice.below(StrokeFont.characters().length())));
        }
        return word.toString();
    }

    private static Rgb contrasting(Dice dice, Rgb ground) {
        float luma = 0.3f * ground.r() + 0.59f * ground.g() + 0.11f * ground.b();
        Rgb end = luma > 0.5f ? Rgb.grey(0.05f) : Rgb.grey(0.98f);
        return end.mix(Rgb.vivid(dice), dice.chance(0.5f) ? dice.between(0, 0.6f) : 0);
    }
}
