package io.github.tachyscope.diffusion.tiny.scene;

/**
 * What one person looks like.
 *
 * @param skin colour in plain light
 * @param hair colour of hair, brows and beard
 */
record Person(Kind kind, Rgb skin, Rgb hair, HairCut cut, Beard beard, Glasses glasses, Hat hat, boolean smiling) {
    enum Kind {
        WOMAN,
        MAN,
        CHILD
    }

    enum HairCut {
        BALD,
        CROPPED,
        SHORT,
        PARTED,
        CURLY,
        BOB,
        LONG,
        BUN
    }

    enum Beard {
        NONE,
        STUBBLE,
        MOUSTACHE,
        GOATEE,
        FULL
    }

    enum Glasses {
        NONE,
        ROUND,
        SQUARE,
        DARK
    }

    enum Hat {
        NONE,
        BRIM,
        CAP,
        BEANIE,
        SCARF,
        HEADPHONES
    }

    /** From very light to very dark. */
    private static final Rgb[] SKINS = {
        new Rgb(0.98f, 0.84f, 0.76f),
        new Rgb(0.94f, 0.76f, 0.64f),
        new Rgb(0.87f, 0.67f, 0.52f),
        new Rgb(0.76f, 0.55f, 0.40f),
        new Rgb(0.61f, 0.41f, 0.29f),
        new Rgb(0.46f, 0.30f, 0.21f),
        new Rgb(0.33f, 0.21f, 0.15f),
    };

    static Person any(Dice dice) {
        Kind kind = dice.chance(0.12f) ? Kind.CHILD : dice.chance(0.5f) ? Kind.WOMAN : Kind.MAN;
        Rgb skin = SKINS[dice.below(SKINS.length)].varied(dice, 0.07f);
        Beard beard = kind == Kind.MAN && dice.chance(0.5f) ? Beard.values()[dice.from(1, 4)] : Beard.NONE;
        Glasses glasses = dice.chance(0.3f) ? Glasses.values()[dice.from(1, 3)] : Glasses.NONE;
        Hat hat = dice.chance(0.26f) ? Hat.values()[dice.from(1, 5)] : Hat.NONE;
        return new Person(kind, skin, hairColour(dice, kind), cut(dice, kind), beard, glasses, hat, dice.chance(0.4f));
    }

    private static Rgb hairColour(Dice dice, Kind kind) {
        return switch (dice.below(8)) {
            case 0, 1 -> Rgb.hsv(0.07f, dice.between(0.2f, 0.5f), dice.between(0.06f, 0.16f));
            case 2, 3 -> Rgb.hsv(dice.between(0.04f, 0.08f), dice.between(0.4f, 0.7f), dice.between(0.2f, 0.4f));
            case 4 -> Rgb.hsv(dice.between(0.09f, 0.13f), dice.between(0.3f, 0.6f), dice.between(0.6f, 0.95f));
            case 5 -> Rgb.hsv(dice.between(0.02f, 0.06f), dice.between(0.6f, 0.85f), dice.between(0.4f, 0.75f));
            case 6 ->
                kind == Kind.CHILD
                        ? Rgb.hsv(0.1f, 0.4f, 0.6f)
                        : Rgb.hsv(0.1f, dice.between(0, 0.1f), dice.between(0.5f, 0.92f));
            default -> dice.chance(0.4f) ? Rgb.vivid(dice) : Rgb.hsv(0.06f, 0.5f, dice.between(0.1f, 0.5f));
        };
    }

    private static HairCut cut(Dice dice, Kind kind) {
        return switch (kind) {
            case WOMAN -> HairCut.values()[dice.from(3, 7)];
            case MAN -> HairCut.values()[dice.chance(0.1f) ? 6 : dice.from(0, 4)];
            case CHILD -> HairCut.values()[dice.from(2, 7)];
        };
    }

    /** The skin where little light falls. */
    Rgb shadow() {
        return skin.times(0.5f).times(new Rgb(1.08f, 0.95f, 0.92f));
    }

    /** The person as the subject of a caption. */
    String words(Dice dice) {
        String subject = switch (kind) {
            case WOMAN -> "woman";
            case MAN -> beard == Beard.FULL && dice.chance(0.6f) ? "bearded man" : "man";
            case CHILD -> "child";
        };
        String mood = smiling && dice.chance(0.5f) ? "smiling " : "";
        String extra = extra(dice);
        return dice.chance(0.15f) ? "a person" + extra : "a " + mood + subject + extra;
    }

    private String extra(Dice dice) {
        if (hat != Hat.NONE) {
            return switch (hat) {
                case SCARF -> " with a headscarf";
                case HEADPHONES -> " with headphones";
                case CAP -> " with a cap";
                default -> " with a hat";
            };
        }
        if (glasses != Glasses.NONE) {
            return glasses == Glasses.DARK ? " with sunglasses" : " with glasses";
        }
        if (dice.chance(0.4f) && cut != HairCut.BALD) {
            return cut == HairCut.LONG ? " with long hair" : " with " + hair.word() + " hair";
        }
        return "";
    }
}
