package io.github.tachyscope.diffusion.tiny.style;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Colour grades that a prompt can ask for on top of a style. The order is the order of their classes in training. */
public enum ColourOperation {
    NONE(styled -> styled),
    RED(tint(0xE0221C), "red", "crimson", "scarlet"),
    ORANGE(tint(0xF07A14), "orange", "amber", "tangerine"),
    YELLOW(tint(0xE6C80F), "yellow", "lemon"),
    GREEN(tint(0x22A83A), "green", "emerald", "lime"),
    CYAN(tint(0x12B4C0), "cyan", "turquoise", "teal"),
    BLUE(tint(0x2450E0), "blue", "azure", "cobalt"),
    PURPLE(tint(0x8428D0), "purple", "violet", "lilac"),
    PINK(tint(0xF05AA8), "pink", "rose", "rosy"),
    WARM(
            styled -> styled.times(styled.colour(1.14, 1.0, 0.78)).plus(styled.colour(0.04, 0.015, 0)),
            "warm",
            "cosy",
            "sunny"),
    COLD(
            styled -> styled.times(styled.colour(0.78, 0.98, 1.14)).plus(styled.colour(0, 0.015, 0.05)),
            "cold",
            "cool",
            "wintry"),
    VIVID(styled -> Tones.saturated(styled, 1.9), "vivid", "colorful", "saturated", "vibrant"),
    PASTEL(styled -> Tones.saturated(styled, 0.6).times(0.55).plus(0.43), "pastel", "pale", "washed out"),
    DARK(styled -> styled.power(1.35).times(0.62), "dark", "gloomy", "dim"),
    BRIGHT(styled -> styled.power(0.7).times(0.94).plus(0.06), "bright", "radiant", "sunlit"),
    BLACK_AND_WHITE(
            styled -> styled.luma().times(styled.colour(1, 1, 1)),
            "black and white",
            "monochrome",
            "grayscale",
            "grey");

    /** The luma at which a tint has its full colour. */
    private static final double FULL_COLOUR = 0.55;

    private static final double TINT = 0.62;

    private final UnaryOperator<Canvas> grade;
    private final List<String> names;

    ColourOperation(UnaryOperator<Canvas> grade, String... names) {
        this.grade = grade;
        this.names = List.of(names);
    }

    /** The styled picture with this grade, in [0,1], in a new tensor of the caller's innermost pointer scope. */
    public Tensor apply(Tensor styled) {
        return Canvas.scoped(() -> grade.apply(new Canvas(styled)).clip()).pixels();
    }

    /** Names of this grade in prompts, the canonical one first; none for {@link #NONE}. */
    public List<String> names() {
        return names;
    }

    private static UnaryOperator<Canvas> tint(int colour) {
        return styled -> {
            ColourMap map = new ColourMap(List.of(
                    ColourMap.stop(0, 0x000000), ColourMap.stop(FULL_COLOUR, colour), ColourMap.stop(1, 0xFFFFFF)));
            return styled.mix(map.paint(styled.luma()), TINT);
        };
    }
}
