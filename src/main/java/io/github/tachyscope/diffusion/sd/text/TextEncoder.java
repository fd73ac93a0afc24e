package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragment;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragments;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A tokenizer and its text encoder, and the texts that they encoded lately. Not safe for several threads; owns what it
 * remembers, not the model's weights.
 *
 * <p>A weight moves a token's state away from that of an empty prompt. A fragment with a weight below 1 is also hidden
 * from the encoder, and the more its weight nears 0, the more of the result is what the encoder says then.
 */
public final class TextEncoder implements AutoCloseable {
    /** Texts that are remembered, the least recently used goes first: some 40 MB for the largest encoders. */
    private static final int MAX_CACHED = 64;

    /** Variants of a prompt in one run of the encoder; bounds the memory that one prompt takes. */
    private static final int MAX_ROWS = 8;

    /** A weight of 0 would make the share of the variant without the fragment infinite. */
    private static final double LEAST_WEIGHT = 1e-5;

    private final ClipTokenizer tokenizer;
    private final ClipTextModel model;
    private final States states;
    private final Placement placement;
    private final Map<Key, Encoding> cache = new LinkedHashMap<>(16, 0.75f, true);

    /** Which states of an encoder the denoiser was trained with. */
    public enum States {
        /** Those after the last layer and the final norm: SD 1.5, SD 2.x. */
        LAST,
        /** Those before the last layer, without a norm: SDXL. */
        PENULTIMATE
    }

    /**
     * What an encoder says about one text.
     *
     * @param states {@code [1, L, width]}
     * @param pooled the projected pooled state, or the plain one of an encoder without projection, {@code [1, P]}
     */
    record Encoding(Tensor states, Tensor pooled) {}

    private record Key(Fragments fragments, int clipSkip) {}

    /** The tokens of a text, and for each fragment where its tokens are. */
    private record Tokens(long[] ids, float[] weights, boolean weighted, List<int[]> ranges) {}

    public TextEncoder(ClipTokenizer tokenizer, ClipTextModel model, States states, Placement placement) {
        if (tokenizer.size() > model.config().vocabulary()) {
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.size() + " symbols, the text encoder "
                    + model.config().vocabulary());
        }
        this.tokenizer = tokenizer;
        this.model = model;
        this.states = states;
        this.placement = placement;
    }

    /**
     * Encodes a text, or remembers it; the result belongs to the caller's scope.
     *
     * @param clipSkip layers to leave out at the end, usually 0
     */
    Encoding encode(Fragments fragments, int clipSkip) {
        Encoding kept = kept(new Key(fragments, clipSkip));
        return new Encoding(kept.states.alias(), kept.pooled.alias());
    }

    /** How many layers can be left out. */
    int mostSkipped() {
        return model.config().layers() - (states == States.LAST ? 0 : 1);
    }

    private Encoding kept(Key key) {
        Encoding known = cache.get(key);
        if (known != null) {
            return known;
        }
        if (key.clipSkip < 0 || key.clipSkip > mostSkipped()) {
            throw new IllegalArgumentException("clip skip " + key.clipSkip + " is not in 0 to " + mostSkipped());
        }
        Encoding fresh = made(key);
        cache.put(key, fresh);
        if (cache.size() > MAX_CACHED) {
            Iterator<Encoding> all = cache.values().iterator();
            release(all.next());
            all.remove();
        }
        return fresh;
    }

    private Encoding made(Key key) {
        try (TensorScope scope = TensorScope.inference()) {
            Encoding made = weighted(key.fragments.fragments(), key.clipSkip);
            return new Encoding(TensorScope.keep(made.states), TensorScope.keep(made.pooled));
        }
    }

    private Encoding weighted(List<Fragment> fragments, int clipSkip) {
        Tokens tokens = tokens(fragments);
        List<int[]> hidden = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        double shown = 1;
        for (int i = 0; i < fragments.size(); i++) {
            double weight = fragments.get(i).weight();
            if (weight < 1) {
                double share = Math.tan((1 - Math.max(weight, LEAST_WEIGHT)) * Math.PI / 2);
                int[] range = tokens.ranges.get(i);
                if (range[0] == range[1]) {
                    shown += share; // nothing to hide: such a variant is the text itself
                } else {
                    hidden.add(range);
                    shares.add(share);
                }
            }
        }
        ClipTextOutput whole = model.forward(rows(tokens.ids, 1));
        Tensor sum = weigh(states(whole, clipSkip), tokens, clipSkip).mul(new Scalar(shown));
        double total = shown;
        for (int from = 0; from < hidden.size(); from += MAX_ROWS) {
            List<int[]> rows = hidden.subList(from, Math.min(from + MAX_ROWS, hidden.size()));
            Tensor variants = states(model.forward(rows(tokens.ids, rows.size()), mask(rows)), clipSkip);
            Tensor weighed = weigh(variants, tokens, clipSkip);
            for (int i = 0; i < rows.size(); i++) {
                double share = shares.get(from + i);
                sum = sum.add(weighed.narrow(0, i, 1), new Scalar(share));
                total += share;
            }
        }
        return new Encoding(
                sum.div(new Scalar(total)).to(placement.precision().type()),
                whole.textEmbeds().orElse(whole.pooled()).clone());
    }

    private Tokens tokens(List<Fragment> fragments) {
        int length = model.config().positions();
        LongStream.Builder ids = LongStream.builder();
        float[] weights = new float[length];
        Arrays.fill(weights, 1);
        List<int[]> ranges = new ArrayList<>();
        int at = 1;
        for (Fragment fragment : fragments) {
            int start = Math.min(at, length - 1);
            for (long id : tokenizer.fragment(fragment.text())) {
                ids.add(id);
                if (at < length - 1) {
                    weights[at] = (float) fragment.weight();
                }
                at++;
            }
            ranges.add(new int[] {start, Math.min(at, length - 1)});
        }
        boolean weighted = fragments.stream().anyMatch(fragment -> fragment.weight() != 1);
        return new Tokens(tokenizer.framed(ids.build().toArray(), length), weights, weighted, ranges);
    }

    private Tensor states(ClipTextOutput output, int clipSkip) {
        if (states == States.PENULTIMATE) {
            return output.fromEnd(clipSkip + 2);
        }
        return clipSkip == 0 ? output.last() : model.skipped(output, clipSkip);
    }

    /** In fp32; a weight of exactly 1 changes nothing, not even a bit. */
    private Tensor weigh(Tensor encoded, Tokens tokens, int clipSkip) {
        Tensor wide = encoded.to(ScalarType.Float);
        if (!tokens.weighted) {
            return wide;
        }
        Tensor empty = kept(new Key(Fragments.plain(""), clipSkip)).states.to(ScalarType.Float);
        Tensor extra =
                Tensor.create(tokens.weights, 1, tokens.weights.length, 1).sub(new Scalar(1.0));
        return wide.add(wide.sub(empty).mul(here(extra, ScalarType.Float)));
    }

    private Tensor rows(long[] ids, int count) {
        return here(Tensor.create(ids, 1, ids.length), ScalarType.Long).expand(count, ids.length);
    }

    /** One row for each range: it is hidden there, the rest is shown. */
    private Tensor mask(List<int[]> ranges) {
        int length = model.config().positions();
        float[] mask = new float[ranges.size() * length];
        Arrays.fill(mask, 1);
        for (int row = 0; row < ranges.size(); row++) {
            int[] range = ranges.get(row);
            Arrays.fill(mask, row * length + range[0], row * length + range[1], 0);
        }
        return here(Tensor.create(mask, ranges.size(), length), ScalarType.Float);
    }

    private Tensor here(Tensor tensor, ScalarType type) {
        return tensor.to(placement.options(type), false, false, new MemoryFormatOptional());
    }

    /** Encodes everything anew from now on. */
    void forget() {
        cache.values().forEach(TextEncoder::release);
        cache.clear();
    }

    @Override
    public void close() {
        forget();
    }

    private static void release(Encoding encoding) {
        TensorScope.release(encoding.states);
        TensorScope.release(encoding.pooled);
    }
}
