package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.text.PromptRejected;
import io.github.tachyscope.diffusion.sd.text.PromptSyntax;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that a client has said about prompts: an immutable value.
 *
 * @param weights one for each text
 * @param slerp whether two texts are blended along the arc
 * @param negative the negative prompt
 * @param weighting whether the prompts' syntax counts
 * @param clipSkip layers that the text encoders leave out at their end
 * @param scales of the adapters in the text encoders
 */
public record PromptWish(
        List<String> texts,
        List<Double> weights,
        boolean slerp,
        String negative,
        boolean weighting,
        int clipSkip,
        Scales scales) {
    public PromptWish {
        texts = List.copyOf(texts);
        weights = List.copyOf(weights);
    }

    /** No prompt is the empty one. */
    public static PromptWish none(Scales scales) {
        return new PromptWish(List.of(""), List.of(1.0), false, "", true, 0, scales);
    }

    private PromptWish with(JsonNode prompts) {
        List<String> said = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        for (JsonNode prompt : prompts) {
            said.add(prompt.path("text").asText("").strip());
            shares.add(prompt.path("weight").asDouble(1));
        }
        return said.isEmpty()
                ? new PromptWish(List.of(""), List.of(1.0), slerp, negative, weighting, clipSkip, scales)
                : new PromptWish(said, shares, slerp, negative, weighting, clipSkip, scales);
    }

    /** The same texts, encoded and blended in another way. */
    public PromptWish with(
            boolean otherSlerp, String otherNegative, boolean otherWeighting, int otherClipSkip, Scales textScales) {
        return new PromptWish(
                texts, weights, otherSlerp, otherNegative.strip(), otherWeighting, otherClipSkip, textScales);
    }

    /**
     * @param patch that asks for it
     * @throws ParameterRejected if a prompt asks for something that cannot be done; names the parameter it came with
     */
    public void check(Parameters patch) {
        if (weighting) {
            String name = culprit(patch);
            texts.forEach(text -> parse(name, text));
            parse(ModelParameters.NEGATIVE_PROMPT, negative);
        }
    }

    private static String culprit(Parameters patch) {
        if (patch.value(Parameters.TRANSITION).isPresent()) {
            return Parameters.TRANSITION;
        }
        boolean switched = patch.value(Parameters.PROMPTS).isEmpty()
                && patch.value(ModelParameters.PROMPT_WEIGHTING).isPresent();
        return switched ? ModelParameters.PROMPT_WEIGHTING : Parameters.PROMPTS;
    }

    /** What a patch says about prompts, if anything. */
    static Optional<JsonNode> said(Parameters patch) {
        return patch.value(Parameters.TRANSITION)
                .map(wanted -> wanted.path("target_prompts"))
                .or(() -> patch.value(Parameters.PROMPTS));
    }

    /** The texts that a patch asks for. */
    public PromptWish after(Parameters patch) {
        return said(patch).map(this::with).orElse(this);
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
        return new TextKey(text, weighting, clipSkip, scales);
    }

    /** What the denoiser sees, both of the same length. */
    public record Embeddings(HeapEmbedding prompt, HeapEmbedding negative) {}

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
