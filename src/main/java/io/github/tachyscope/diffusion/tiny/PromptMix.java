package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.PromptBlend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Texts and the weight of each, as a client asked for them. */
record PromptMix(List<String> texts, List<Double> weights) {
    /** No prompt means the empty one: the camera as it is. */
    static final PromptMix NONE = new PromptMix(List.of(""), List.of(1.0));

    PromptMix {
        texts = List.copyOf(texts);
        weights = List.copyOf(weights);
    }

    /** @param prompts a list of {@code {text, weight}} */
    static PromptMix of(JsonNode prompts) {
        List<String> texts = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (JsonNode prompt : prompts) {
            texts.add(prompt.path("text").asText("").strip());
            weights.add(prompt.path("weight").asDouble(1));
        }
        return texts.isEmpty() ? NONE : new PromptMix(texts, weights);
    }

    /** Texts that are not among {@code encoded}, each once. */
    Set<String> missing(Map<String, float[]> encoded) {
        Set<String> missing = new TreeSet<>(texts);
        missing.removeAll(encoded.keySet());
        return missing;
    }

    /**
     * The mean of the encoded texts: of token states and of pooled vectors alike, without the usual rescaling of its
     * norm, since the model was trained on plain means. Spherical only between two texts.
     */
    float[] blend(Map<String, float[]> encoded, boolean slerp, int width) {
        List<float[]> rows = texts.stream().map(encoded::get).toList();
        double[] shares = PromptBlend.normalise(
                weights.stream().mapToDouble(Double::doubleValue).toArray());
        return slerp && rows.size() == 2
                ? PromptBlend.slerp(rows.get(0), rows.get(1), shares[1], width)
                : PromptBlend.mean(rows, shares);
    }
}
