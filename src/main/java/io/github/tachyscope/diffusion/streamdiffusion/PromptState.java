package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.blend.EmbeddingTrack;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session's prompts on their way to numbers.
 *
 * <pre>
 *   settled --wish--> wanting --all texts are encoded--> settled
 * </pre>
 *
 * <p>Texts that were encoded before, by whichever session, are not encoded again.
 */
final class PromptState {
    /** How the prompt gets to where it is wanted; one chunk or less is a jump. */
    private record Move(int chunks, boolean slerp) {
        static final Move JUMP = new Move(0, false);
    }

    private final TextCache cache;
    private final boolean zeroNegative;
    private final Map<TextKey, HeapEmbedding> encoded = new HashMap<>();
    private PromptWish wish;
    private Optional<Move> move = Optional.of(Move.JUMP);
    private @Nullable EmbeddingTrack track;
    private @Nullable HeapEmbedding target;
    private PromptWish.@Nullable Embeddings present;

    PromptState(TextCache cache, boolean zeroNegative, PromptWish start) {
        this.cache = cache;
        this.zeroNegative = zeroNegative;
        this.wish = start;
    }

    PromptWish wish() {
        return wish;
    }

    /** @param transition the client's, if it wants one */
    void want(PromptWish next, Optional<JsonNode> transition) {
        if (next.equals(wish) && transition.isEmpty() && move.isEmpty()) {
            return;
        }
        wish = next;
        move = Optional.of(transition
                .map(said -> new Move(
                        said.path("num_steps").asInt(4),
                        said.path("temporal_interpolation_method").asText().equals("slerp")))
                .orElse(Move.JUMP));
        for (TextKey key : wish.keys()) {
            cache.find(key).ifPresent(known -> encoded.put(key, known));
        }
        settle();
    }

    /** Texts that must be encoded before the next denoising step. */
    List<TextKey> missing() {
        return wish.keys().stream().filter(key -> !encoded.containsKey(key)).toList();
    }

    void encoded(Map<TextKey, HeapEmbedding> texts) {
        encoded.putAll(texts);
        settle();
    }

    private void settle() {
        if (move.isEmpty() || !encoded.keySet().containsAll(wish.keys())) {
            return;
        }
        Move how = move.get();
        PromptWish.Embeddings wanted = wish.embed(encoded, zeroNegative);
        boolean same = target != null && target.sameAs(wanted.prompt());
        if (track == null) {
            track = EmbeddingTrack.at(wanted.prompt());
        } else if (how.chunks() > 1) {
            track = track.transit(wanted.prompt(), how.chunks(), how.slerp());
        } else if (!same) {
            track = track.jump(wanted.prompt());
        }
        target = wanted.prompt();
        present = new PromptWish.Embeddings(track.present(), wanted.negative());
        move = Optional.empty();
        encoded.keySet().retainAll(wish.keys());
    }

    /** Whether {@link #present} says what was asked for. */
    boolean settled() {
        return move.isEmpty();
    }

    /** What the present frame is made from. The same object until it changes. */
    PromptWish.Embeddings present() {
        if (present == null) {
            throw new IllegalStateException("no prompt is encoded yet");
        }
        return present;
    }

    /** Tokens of the prompt, once it is encoded. */
    int tokens() {
        return present == null ? 0 : present.prompt().tokens();
    }

    /** The next frame begins. */
    void advance() {
        if (track != null && present != null && track.moving()) {
            track = track.advance();
            present = new PromptWish.Embeddings(track.present(), present.negative());
        }
    }
}
