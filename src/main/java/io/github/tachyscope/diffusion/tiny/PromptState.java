package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PromptTrack;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session's prompts on their way to numbers.
 *
 * <pre>
 *   settled --prompts or transition--> wanted --all texts are encoded--> settled
 * </pre>
 *
 * <p>Texts that were encoded before, by whichever session, are not encoded again.
 */
final class PromptState {
    /** Prompts asked for, not yet turned into numbers. */
    private record Wanted(PromptMix mix, int overChunks, boolean spherical, boolean showsSource) {}

    private final TextCache cache;
    private final int width;
    private final Map<String, float[]> encoded = new HashMap<>();
    private PromptMix current = PromptMix.NONE;
    private boolean slerp;
    private @Nullable Wanted wanted;
    private @Nullable PromptTrack track;

    PromptState(TextCache cache, int width) {
        this.cache = cache;
        this.width = width;
    }

    /** Makes the empty prompt the current one if none was asked for. */
    void start() {
        if (track == null && wanted == null) {
            want(new Wanted(PromptMix.NONE, 0, false, true));
        }
    }

    /** Takes prompts at once; cancels a transition. */
    void jump(JsonNode prompts) {
        want(new Wanted(PromptMix.of(prompts), 0, false, true));
    }

    /** Moves to other prompts over a number of frames, from where it stands. */
    void transit(JsonNode transition) {
        want(new Wanted(
                PromptMix.of(transition.path("target_prompts")),
                transition.path("num_steps").asInt(4),
                transition.path("temporal_interpolation_method").asText().equals("slerp"),
                transition.path(Parameters.SHOWS_SOURCE).asBoolean(true)));
    }

    /** Whether several prompts are blended on a sphere. */
    void blending(boolean spherical) {
        boolean changed = slerp != spherical;
        slerp = spherical;
        if (changed && wanted == null && track != null && !track.moving()) {
            want(new Wanted(current, 0, false, true));
        }
    }

    private void want(Wanted next) {
        wanted = next;
        for (String text : next.mix().texts()) {
            cache.find(text).ifPresent(prompt -> encoded.put(text, prompt));
        }
        settle();
    }

    /** Texts that must be encoded before the next denoising step. */
    List<String> missing() {
        return wanted == null ? List.of() : List.copyOf(wanted.mix().missing(encoded));
    }

    void encoded(Map<String, float[]> prompts) {
        encoded.putAll(prompts);
        settle();
    }

    private void settle() {
        Wanted ready = wanted;
        if (ready == null || !ready.mix().missing(encoded).isEmpty()) {
            return;
        }
        float[] target = ready.mix().blend(encoded, slerp, width);
        if (track == null) {
            track = PromptTrack.at(target, width);
        } else {
            track = ready.showsSource()
                    ? track.transit(target, ready.overChunks(), ready.spherical())
                    : track.leave(target, ready.overChunks(), ready.spherical());
        }
        current = ready.mix();
        wanted = null;
        Set<String> inUse = new HashSet<>(current.texts());
        encoded.keySet().retainAll(inUse);
    }

    /** Whether {@link #present} says what was asked for. */
    boolean settled() {
        return wanted == null;
    }

    /** What the present frame is made from. */
    float[] present() {
        if (track == null) {
            throw new IllegalStateException("no prompt is encoded yet");
        }
        return track.present();
    }

    void advance() {
        track = track == null ? null : track.advance();
    }

    void forgetTransition() {
        track = track == null ? null : track.forgetTransition();
    }
}
