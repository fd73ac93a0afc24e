package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.text.PromptRejected;
import io.github.tachyscope.diffusion.sd.text.PromptSyntax;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that a client has said about prompts: an immutable value.
 *
 * @param weights one for each text
 * @param slerp whether two texts are blended along the arc
 * @param negative the negative prompt
 * @param weighting whether the prompts' syntax counts
 * @param scales of the adapters in the text encoders
 */
record PromptWish(
        List<String> texts, List<Double> weights, boolean slerp, String negative, boolean weighting, Scales scales) {
    PromptWish {
        texts = List.copyOf(texts);
        weights = List.copyOf(weights);
    }

    /** No prompt is the empty one. */
    static PromptWish none(Scales scales) {
        return new PromptWish(List.of(""), List.of(1.0), false, "", true, scales);
    }

    /** @param prompts a list of {@code {text, weight}} */
    PromptWish with(JsonNode prompts) {
        List<String> said = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        for (JsonNode prompt : prompts) {
            said.add(prompt.path("text").asText("").strip());
            shares.add(prompt.path("weight").asDouble(1));
        }
        return said.isEmpty()
                ? new PromptWish(List.of(""), List.of(1.0), slerp, negative, weighting, scales)
                : new PromptWish(said, shares, slerp, negative, weighting, scales);
    }

    PromptWish with(Controls controls, Scales textScales) {
        return new PromptWish(
                texts, weights, controls.slerp(), controls.negative().strip(), controls.weighting(), textScales);
    }

    /** @throws ParameterRejected if a prompt asks for something that cannot be done; names the parameter it came with */
    void check(String promptsName) {
        if (weighting) {
            texts.forEach(text -> parse(promptsName, text));
            parse(Schema.NEGATIVE_PROMPT, negative);
        }
    }

    private static void parse(String name, String text) {
        try {
            PromptSyntax.parse(text);
        } catch (PromptRejected rejected) {
            throw new ParameterRejected(name, name + ": " + rejected.getMessage());
        }
    }

    /** Everything that must be encoded; the empty text fills shorter ones up. */
    Set<TextKey> keys() {
        Set<TextKey> keys = new LinkedHashSet<>();
        texts.forEach(text -> keys.add(key(text)));
        keys.add(key(negative));
        keys.add(key(""));
        return keys;
    }

    private TextKey key(String text) {
        return new TextKey(text, weighting, scales);
    }

    /** What the denoiser sees, both of the same length. */
    record Embeddings(HeapEmbedding prompt, HeapEmbedding negative) {}

    /** @param zeroNegative whether no negative prompt means zeros */
    Embeddings embed(Map<TextKey, HeapEmbedding> encoded, boolean zeroNegative) {
        HeapEmbedding empty = encoded.get(key(""));
        HeapEmbedding against = encoded.get(key(negative));
        List<HeapEmbedding> parts =
                texts.stream().map(text -> encoded.get(key(text))).toList();
        int longest = Math.max(
                against.tokens(),
                parts.stream().mapToInt(HeapEmbedding::tokens).max().orElse(0));
        HeapEmbedding prompt = HeapEmbedding.blend(
                parts.stream().map(part -> part.lengthened(longest, empty)).toList(),
                weights.stream().mapToDouble(Double::doubleValue).toArray(),
                slerp);
        HeapEmbedding filled = against.lengthened(longest, empty);
        return new Embeddings(prompt, zeroNegative && negative.isEmpty() ? filled.zeros() : filled);
    }
}
