package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Blend;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Content;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragments;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Part;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Weighted prompts to embeddings, with one text encoder (SD 1.5, SD 2.x) or two (SDXL), whose states lie side by side
 * then. Not safe for several threads; owns its encoders.
 *
 * <p>Encoders remember texts without the weights of a blend, so that moving those costs no run of an encoder.
 */
public final class PromptEncoder implements AutoCloseable {
    private static final Fragments EMPTY = Fragments.plain("");

    private final List<TextEncoder> encoders;

    private PromptEncoder(List<TextEncoder> encoders) {
        this.encoders = encoders;
    }

    public static PromptEncoder of(TextEncoder encoder) {
        return new PromptEncoder(List.of(encoder));
    }

    /** @param second gives the pooled state, too */
    public static PromptEncoder of(TextEncoder first, TextEncoder second) {
        return new PromptEncoder(List.of(first, second));
    }

    /**
     * The result belongs to the caller's scope.
     *
     * @param clipSkip layers to leave out at the end, usually 0
     * @throws PromptRejected if the prompt asks for something that cannot be done
     */
    public PromptEmbedding encode(String prompt, int clipSkip) {
        return encode(PromptSyntax.parse(prompt), clipSkip);
    }

    /** The same for a text whose syntax is taken literally. */
    public PromptEmbedding encodeLiterally(String prompt, int clipSkip) {
        return encode(new ParsedPrompt(List.of(new Part(1, Fragments.plain(prompt))), List.of()), clipSkip);
    }

    private PromptEmbedding encode(ParsedPrompt parsed, int clipSkip) {
        try (TensorScope scope = TensorScope.inference()) {
            List<Tensor> states = new ArrayList<>();
            for (Part part : parsed.parts()) {
                states.add(scaled(part, clipSkip));
            }
            Tensor joined = states.size() == 1 ? states.get(0) : torch.cat(vector(states), 1);
            Optional<Tensor> pooled = pooled(parsed, clipSkip).map(scope::handOut);
            return new PromptEmbedding(scope.handOut(joined), pooled, parsed.notices());
        }
    }

    /** The pooled state of a text whose syntax is taken literally, as some other programs have it. */
    Tensor literalPooled(String prompt) {
        return encoders.get(encoders.size() - 1)
                .encode(Fragments.plain(prompt), 0)
                .pooled();
    }

    /**
     * The same embeddings, all as long as the longest: an empty prompt follows the others as often as needed. The result
     * belongs to the caller's scope.
     */
    public List<PromptEmbedding> equalLength(List<PromptEmbedding> prompts, int clipSkip) {
        long longest = prompts.stream()
                .mapToLong(prompt -> prompt.states().size(1))
                .max()
                .orElse(0);
        return prompts.stream()
                .map(prompt -> {
                    long missing = longest - prompt.states().size(1);
                    if (missing == 0) {
                        return prompt;
                    }
                    try (TensorScope scope = TensorScope.inference()) {
                        Tensor empty = states(EMPTY, clipSkip);
                        List<Tensor> pieces = new ArrayList<>(List.of(prompt.states()));
                        pieces.addAll(Collections.nCopies((int) (missing / empty.size(1)), empty));
                        Tensor padded = scope.handOut(torch.cat(vector(pieces), 1));
                        return new PromptEmbedding(padded, prompt.pooled(), prompt.notices());
                    }
                })
                .toList();
    }

    private Tensor scaled(Part part, int clipSkip) {
        Tensor states = mixed(part.content(), text -> states(text, clipSkip));
        if (part.weight() == 1) {
            return states;
        }
        Tensor empty = states(EMPTY, clipSkip).to(ScalarType.Float);
        return empty.add(states.to(ScalarType.Float).sub(empty), new Scalar(part.weight()))
                .to(states.scalar_type());
    }

    /** The pooled state without the syntax; parts that follow each other are one text to it. */
    private Optional<Tensor> pooled(ParsedPrompt parsed, int clipSkip) {
        if (encoders.size() == 1) {
            return Optional.empty();
        }
        TextEncoder last = encoders.get(encoders.size() - 1);
        Content content = parsed.parts().get(0).content();
        if (parsed.parts().size() > 1) {
            content = Fragments.plain(
                    parsed.parts().stream().map(part -> part.content().text()).collect(Collectors.joining(" ")));
        }
        return Optional.of(mixed(content, text -> last.encode(text, clipSkip).pooled()));
    }

    /** What {@code encode} makes of a text, or the weighted sum of what it makes of several. */
    private static Tensor mixed(Content content, Function<Fragments, Tensor> encode) {
        if (content instanceof Fragments fragments) {
            return encode.apply(fragments);
        }
        Blend blend = (Blend) content;
        double[] shares = blend.shares();
        Tensor first = encode.apply(blend.prompts().get(0));
        Tensor sum = first.to(ScalarType.Float).mul(new Scalar(shares[0]));
        for (int i = 1; i < shares.length; i++) {
            sum = sum.add(encode.apply(blend.prompts().get(i)).to(ScalarType.Float), new Scalar(shares[i]));
        }
        return sum.to(first.scalar_type());
    }

    private Tensor states(Fragments text, int clipSkip) {
        List<Tensor> all = encoders.stream()
                .map(encoder -> encoder.encode(text, clipSkip).states())
                .toList();
        return all.size() == 1 ? all.get(0) : torch.cat(vector(all), 2);
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(Tensor[]::new));
    }

    /** How many layers can be left out at the end. */
    public int mostSkipped() {
        return encoders.stream().mapToInt(TextEncoder::mostSkipped).min().orElse(0);
    }

    /** Encodes everything anew from now on: the encoders' weights have changed. */
    public void forget() {
        encoders.forEach(TextEncoder::forget);
    }

    @Override
    public void close() {
        encoders.forEach(TextEncoder::close);
    }
}
