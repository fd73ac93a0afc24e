package io.github.tachyscope.diffusion.synthetic;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.PromptBlend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Turns prompts into embeddings: stable pseudo-random numbers drawn from the text. */
final class PromptEncoder {
    static final int TOKENS = 4;
    static final int FEATURES = 16;

    private PromptEncoder() {}

    /** @param prompts a list of {@code {text, weight}} */
    static float[] encode(JsonNode prompts, boolean slerp) {
        List<float[]> embeddings = new ArrayList<>();
        double[] weights = new double[prompts.size()];
        for (JsonNode prompt : prompts) {
            weights[embeddings.size()] = prompt.path("weight").asDouble(1);
            embeddings.add(encode(prompt.path("text").asText("")));
        }
        return embeddings.isEmpty() ? encode("") : PromptBlend.blend(embeddings, weights, slerp, FEATURES);
    }

    static float[] encode(String text) {
        long hash = 0xCBF29CE484222325L;
        for (char c : text.strip().toLowerCase(Locale.ROOT).toCharArray()) {
            hash = (hash ^ c) * 0x100000001B3L;
        }
        SplittableRandom random = new SplittableRandom(hash);
        float[] embedding = new float[TOKENS * FEATURES];
        for (int i = 0; i < embedding.length; i++) {
            double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble();
            embedding[i] = (float) ((sum - 2) * 1.7);
        }
        return embedding;
    }
}
