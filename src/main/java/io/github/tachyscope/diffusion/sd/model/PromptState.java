package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Parameters;
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
public final class PromptState {
    /**
     * How the prompt gets to where it is wanted; one chunk or less is a jump.
     *
     * @param asked whether the prompt was set, which ends a transition even to the same place
     */
    private record Move(int chunks, boolean slerp, boolean asked) {
        static final Move JUMP = new Move(0, false, true);
        /** Something else has changed; a transition goes on unless its target is another one now. */
        static final Move FOLLOW = new Move(0, false, false);
    }

    private final TextCache cache;
    private final boolean zeroNegative;
    private final Map<TextKey, HeapEmbedding> encoded = new HashMap<>();
    private PromptWish wish;
    private Optional<Move> move = Optional.of(Move.JUMP);
    private @Nullable EmbeddingTrack track;
    private @Nullable HeapEmbedding target;
    private PromptWish.@Nullable Embeddings present;

    public PromptState(TextCache cache, boolean zeroNegative, PromptWish start) {
        this.cache = cache;
        this.zeroNegative = zeroNegative;
        this.wish = start;
    }

    public PromptWish wish() {
        return wish;
    }

    /** @param patch that asks for it; whether it sets the prompts, and how, counts */
    public void want(PromptWish next, Parameters patch) {
        boolean asked = PromptWish.said(patch).isPresent();
        Optional<JsonNode> transition = patch.value(Parameters.TRANSITION);
        if (!asked && next.equals(wish)) {
            return;
        }
        wish = next;
        move = Optional.of(transition
                .map(said -> new Move(
                        said.path("num_steps").asInt(4),
                        said.path("temporal_interpolation_method").asText().equals("slerp"),
                        true))
                .orElseGet(() -> asked ? Move.JUMP : move.orElse(Move.FOLLOW)));
        for (TextKey key : wish.keys()) {
            cache.find(key).ifPresent(known -> encoded.put(key, known));
        }
        settle();
    }

    /** Texts that must be encoded before the next denoising step. */
    public List<TextKey> missing() {
        return wish.keys().stream().filter(key -> !encoded.containsKey(key)).toList();
    }

    public void encoded(Map<TextKey, HeapEmbedding> texts) {
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
        } else if (how.asked() || !same) {
            track = track.jump(wanted.prompt());
        }
        target = wanted.prompt();
        present = new PromptWish.Embeddings(track.present(), wanted.negative());
        move = Optional.empty();
        encoded.keySet().retainAll(wish.keys());
    }

    /** Whether {@link #present} says what was asked for. */
    public boolean settled() {
        return move.isEmpty();
    }

    /** What the present frame is made from. The same object until it changes. */
    public PromptWish.Embeddings present() {
        if (present == null) {
            throw new IllegalStateException("no prompt is encoded yet");
        }
        return present;
    }

    /** Tokens of the prompt, once it is encoded. */
    public int tokens() {
        return present == null ? 0 : present.prompt().tokens();
    }

    /** The next frame begins. */
    public void advance() {
        if (track != null && present != null && track.moving()) {
            track = track.advance();
            present = new PromptWish.Embeddings(track.present(), present.negative());
        }
    }
}
