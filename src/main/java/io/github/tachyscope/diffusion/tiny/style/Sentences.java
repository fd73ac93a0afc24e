package io.github.tachyscope.diffusion.tiny.style;

import java.util.List;

/** The words around style and colour in captions. */
final class Sentences {
    static final String STYLE = "{style}";
    static final String COLOUR = "{colour}";
    static final String CONTENT = "{content}";

    /** One way to ask, in its four forms: with or without a colour, with or without something to see. */
    record Template(String plain, String withContent, String withColour, String withBoth) {
        String form(boolean colour, boolean content) {
            if (colour) {
                return content ? withBoth : withColour;
            }
            return content ? withContent : plain;
        }

        List<String> forms() {
            return List.of(plain, withContent, withColour, withBoth);
        }
    }

    static final List<Template> TEMPLATES = List.of(
            new Template("{style}", "{style} of {content}", "{colour} {style}", "{colour} {style} of {content}"),
            new Template(
                    "in the style of {style}",
                    "{content} in the style of {style}",
                    "in the style of {colour} {style}",
                    "{content} in the style of {colour} {style}"),
            new Template(
                    "{style}", "{content}, {style}", "{style}, {colour} tones", "{content}, {style}, {colour} tones"),
            new Template(
                    "a {style} picture",
                    "a {style} picture of {content}",
                    "a {colour} {style} picture",
                    "a {colour} {style} picture of {content}"),
            new Template(
                    "{style} style",
                    "{content}, {style} style",
                    "{style} style, {colour} colors",
                    "{content}, {style} style, {colour} colors"),
            new Template(
                    "an image as {style}",
                    "{content} as {style}",
                    "{colour}, {style}",
                    "{content} as {style}, {colour}"));

    /** Ways to ask for a colour without naming a style: the camera picture is meant. */
    static final List<String> COLOUR_ONLY =
            List.of("{colour}", "{colour} tones", "a {colour} picture", "{colour} colors");

    /** Words that people add to prompts and that must not change the picture. */
    static final List<String> FILLERS = List.of(
            "masterpiece",
            "4k",
            "8k",
            "highly detailed",
            "best quality",
            "award winning",
            "beautiful",
            "trending",
            "ultra sharp",
            "professional",
            "intricate",
            "stunning",
            "very nice",
            "amazing",
            "hd",
            "elegant",
            "detailed",
            "epic",
            "my video",
            "webcam");

    /** Things that are not in the picture: at camera strengths nouns must not disturb the style. */
    static final List<String> WRONG_CONTENTS = List.of(
            "a dragon",
            "a robot",
            "an astronaut",
            "a castle",
            "a bicycle",
            "a horse on a beach",
            "two elephants",
            "an old ship",
            "a knight in armor",
            "a wizard with a hat",
            "a piano",
            "a train station",
            "a bowl of fruit",
            "a dinosaur",
            "a spaceship",
            "a queen",
            "an owl in the forest",
            "a dancer on stage",
            "a waterfall",
            "a lighthouse",
            "a fox",
            "a mermaid",
            "a busy market",
            "a race car",
            "a bear",
            "a tiger",
            "a bridge over a river",
            "a cup of coffee",
            "a clown",
            "a samurai");

    /** Sentences for the evaluation of free text, never used in training. */
    static final List<String> UNSEEN = List.of(
            "please make my camera look like {style}",
            "a {style} of a giraffe in wellington boots",
            "turn everything you see into {style} now",
            "i would love this room to become {style}",
            "show me what {style} could do with it, thanks");

    private Sentences() {}
}
