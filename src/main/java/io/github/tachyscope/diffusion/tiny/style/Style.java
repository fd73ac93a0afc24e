package io.github.tachyscope.diffusion.tiny.style;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The looks that the bundled model knows. The order is the order of their classes in training. */
public enum Style {
    PHOTO(picture -> picture, "photo", "photograph", "natural", "realistic", "real life", "unchanged"),
    WATERCOLOR(
            Painted::watercolor,
            "watercolor painting",
            "watercolor",
            "watercolour",
            "aquarelle",
            "wet paint on paper",
            "soft washes",
            "gouache"),
    PENCIL(
            Drawn::pencil,
            "pencil sketch",
            "pencil drawing",
            "graphite drawing",
            "crosshatching",
            "hatched sketch",
            "pencil",
            "sketchbook page"),
    NEON(Lit::neon, "neon", "neon lights", "glowing outlines", "neon sign", "cyberpunk neon", "luminous lines", "tron"),
    OIL(
            Painted::oil,
            "oil painting",
            "oil on canvas",
            "oil paint",
            "impasto",
            "thick brush strokes",
            "impressionist painting",
            "van gogh"),
    PIXEL(
            Printed::pixel,
            "pixel art",
            "8-bit",
            "pixelated",
            "retro video game",
            "sprite",
            "low resolution pixels",
            "minecraft"),
    CARTOON(
            Painted::cartoon,
            "cartoon",
            "comic",
            "cel shading",
            "anime",
            "toon",
            "animated film",
            "manga",
            "comic book"),
    THERMAL(Lit::thermal, "thermal camera", "thermal", "heat map", "infrared", "thermal imaging", "heat vision"),
    NIGHT(
            Lit::night,
            "night vision",
            "night vision goggles",
            "phosphor screen",
            "matrix",
            "image intensifier",
            "surveillance camera"),
    MOSAIC(
            Printed::mosaic,
            "mosaic",
            "mosaic tiles",
            "roman mosaic",
            "ceramic tiles",
            "tesserae",
            "tiled wall",
            "lego"),
    VAPOR(Lit::vapor, "vaporwave", "synthwave", "retrowave", "80s aesthetic", "outrun", "miami sunset", "miami"),
    SEPIA(
            Drawn::sepia,
            "sepia photograph",
            "sepia",
            "old photo",
            "vintage photograph",
            "antique",
            "daguerreotype",
            "faded brown photo"),
    INKWASH(
            Painted::inkwash,
            "ink wash",
            "ink painting",
            "sumi-e",
            "chinese ink",
            "japanese brush painting",
            "india ink",
            "brush and ink"),
    BLUEPRINT(
            Drawn::blueprint,
            "blueprint",
            "technical drawing",
            "cyanotype",
            "architect plan",
            "engineering diagram",
            "architectural drawing"),
    STAINED(
            Printed::stained,
            "stained glass",
            "stained glass window",
            "church window",
            "leaded glass",
            "cathedral glass",
            "tiffany glass"),
    DOTS(
            Printed::dots,
            "pointillism",
            "dots",
            "dotted painting",
            "seurat",
            "pointillist painting",
            "coloured dots",
            "stippling"),
    HALFTONE(
            Printed::halftone,
            "halftone",
            "halftone print",
            "ben day dots",
            "lichtenstein",
            "newspaper print",
            "printed dots"),
    CHARCOAL(
            Drawn::charcoal,
            "charcoal drawing",
            "charcoal",
            "charcoal sketch",
            "smudged coal",
            "chalk and coal",
            "crayon drawing"),
    RELIEF(
            Drawn::relief,
            "stone relief",
            "bas-relief",
            "emboss",
            "carved stone",
            "marble sculpture",
            "embossed",
            "engraved in stone"),
    POPART(Painted::popart, "pop art", "warhol", "andy warhol", "silkscreen", "pop art poster", "four colour poster"),
    NOIR(Lit::noir, "film noir", "noir", "high contrast film", "1940s movie", "detective movie", "dramatic shadows"),
    FIRE(Lit::fire, "fire", "flames", "burning", "lava", "molten", "inferno", "embers", "made of fire"),
    ICE(Lit::ice, "ice", "frozen", "frost", "ice crystal", "snow queen", "arctic", "glacier", "made of ice"),
    GLITCH(
            Lit::glitch,
            "glitch art",
            "glitch",
            "vhs",
            "broken tv",
            "chromatic aberration",
            "corrupted signal",
            "datamosh"),
    GOLD(Drawn::gold, "gold statue", "gold", "golden", "gilded", "cast in gold", "gold leaf", "midas", "made of gold");

    private final UnaryOperator<Canvas> filter;
    private final List<String> synonyms;

    Style(UnaryOperator<Canvas> filter, String... synonyms) {
        this.filter = filter;
        this.synonyms = List.of(synonyms);
    }

    /**
     * The picture in this style, in [0,1], in a new tensor that belongs to the innermost pointer scope of the caller.
     *
     * @param picture [N,3,H,W] in [0,1], H and W multiples of 16
     */
    public Tensor apply(Tensor picture) {
        Canvas canvas = new Canvas(picture);
        if (picture.dim() != 4 || picture.size(1) != 3 || canvas.height() % 16 != 0 || canvas.width() % 16 != 0) {
            throw new IllegalArgumentException("a picture is [N,3,H,W] with H and W multiples of 16");
        }
        return Canvas.scoped(() -> filter.apply(canvas).clip()).pixels();
    }

    /** Names of this style in prompts; the first is the canonical one. */
    public List<String> synonyms() {
        return synonyms;
    }
}
