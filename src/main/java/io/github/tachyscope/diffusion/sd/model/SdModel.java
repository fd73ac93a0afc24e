package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A loaded model; shared by all sessions.
 *
 * @param previews the tiny autoencoder, for a quick look, where it is not the codec itself
 * @param zeroNegative whether no negative prompt means zeros instead of the empty text
 * @param placement of the denoiser
 * @param owned everything that is freed with it, in this order
 */
public record SdModel(
        Base base,
        Distillation distillation,
        UNet denoiser,
        Codec codec,
        Optional<Codec> previews,
        Texts texts,
        NoiseTable schedule,
        NoiseSource noise,
        Adapters adapters,
        boolean zeroNegative,
        Placement placement,
        List<AutoCloseable> owned)
        implements AutoCloseable {
    public SdModel {
        owned = List.copyOf(owned);
    }

    /** Shape of the latents of one picture, {@code [C, h, w]}. */
    public long[] latent(PictureSize size) {
        return new long[] {codec.latentChannels(), size.height() / codec.reduction(), size.width() / codec.reduction()};
    }

    /** What the denoiser needs of a prompt for pictures of a size; in the caller's scope. */
    public Conditioning condition(HeapEmbedding embedding, PictureSize size) {
        Tensor states = embedding.states(placement);
        if (base != Base.SDXL) {
            return denoiser.condition(states);
        }
        float[] sizes = {size.height(), size.width(), 0, 0, size.height(), size.width()};
        return denoiser.condition(
                states,
                embedding.pooled(placement).orElseThrow(),
                placement.place(Tensor.create(sizes, 1, sizes.length), ScalarType.Float));
    }

    /**
     * Encodes the texts that several sessions want, each once, with the adapters at the scales that the keys name; fills
     * the cache.
     *
     * @return for each session its own texts, in the same order
     */
    public List<Map<TextKey, HeapEmbedding>> encode(List<? extends Collection<TextKey>> wanted, TextCache cache) {
        Set<TextKey> all = new LinkedHashSet<>();
        wanted.forEach(all::addAll);
        Map<TextKey, HeapEmbedding> encoded = encode(all, cache);
        List<Map<TextKey, HeapEmbedding>> own = new ArrayList<>();
        for (Collection<TextKey> keys : wanted) {
            Map<TextKey, HeapEmbedding> part = new HashMap<>(encoded);
            part.keySet().retainAll(keys);
            own.add(part);
        }
        return own;
    }

    private Map<TextKey, HeapEmbedding> encode(Set<TextKey> keys, TextCache cache) {
        Map<TextKey, HeapEmbedding> encoded = new HashMap<>();
        for (TextKey key : keys) {
            if (adapters.inTextEncoders(key.scales())) {
                texts.forget();
            }
            HeapEmbedding embedding = texts.encode(key.text(), key.weighting(), key.clipSkip());
            encoded.put(key, embedding);
            cache.put(key, embedding);
        }
        return encoded;
    }

    /** Memory of all weights. */
    public long bytes() {
        return owned.stream()
                .filter(Weights.class::isInstance)
                .flatMap(weights -> ((Weights) weights).parameters().values().stream())
                .mapToLong(tensor -> tensor.numel() * tensor.element_size())
                .sum();
    }

    @Override
    public void close() {
        free(owned);
    }

    /** One that cannot be freed keeps none of the others. */
    static void free(List<AutoCloseable> all) {
        RuntimeException first = null;
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception failure) {
                if (first == null) {
                    first = new IllegalStateException("a part of the model could not be freed", failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
