package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.api.comfy.graph.ModelReader.Encoder;
import io.github.tachyscope.api.comfy.graph.ModelReader.Weights;
import io.github.tachyscope.api.comfy.graph.ModelWish.Kind;
import io.github.tachyscope.api.comfy.graph.ModelWish.Lora;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the parts of a model together, and sees to it that they belong together. */
final class WishReader {
    private static final String CHECKPOINT = "CheckpointLoaderSimple";

    private final CheckedGraph graph;

    WishReader(CheckedGraph graph) {
        this.graph = graph;
    }

    /**
     * The model of a sampler.
     *
     * @param video whether its latents are those of videos
     * @param coders nodes that encode or decode for it
     */
    ModelWish read(Weights weights, Encoder encoder, boolean video, List<Node> coders) {
        Kind kind = kind(weights, encoder, video);
        if (kind == Kind.SD) {
            weights.flow().ifPresent(node -> {
                throw new NotRunnable(
                        node, "ModelSamplingSD3 is for models of videos; leave it out for Stable Diffusion");
            });
        } else {
            weights.discrete().ifPresent(node -> {
                throw new NotRunnable(node, "ModelSamplingDiscrete is for Stable Diffusion; leave it out for Wan");
            });
        }
        boolean whole = weights.loader().is(CHECKPOINT);
        return new ModelWish(
                kind,
                weights.loader().id(),
                whole ? Optional.of(file(weights.loader())) : Optional.empty(),
                whole ? Optional.empty() : Optional.of(file(weights.loader())),
                whole ? Optional.empty() : Optional.of(file(encoder.loader())),
                autoencoder(weights.loader(), coders),
                loras(weights, encoder),
                weights.flow().map(node -> node.real("shift")),
                weights.discrete().map(node -> node.text("sampling")),
                weights.discrete().map(node -> node.flag("zsnr")).orElse(false));
    }

    private static Kind kind(Weights weights, Encoder encoder, boolean video) {
        Node loader = encoder.loader();
        if (weights.loader().is(CHECKPOINT)) {
            if (!loader.is(CHECKPOINT) || !file(loader).equals(file(weights.loader()))) {
                throw new NotRunnable(
                        loader, "The text encoder must come out of the same checkpoint as the model, not another file");
            }
            return video ? Kind.WAN : Kind.SD;
        }
        if (loader.is(CHECKPOINT)) {
            throw new NotRunnable(
                    loader, "A model of a UNETLoader needs the text encoder of a CLIPLoader, not one of a checkpoint");
        }
        return switch (loader.text("type")) {
            case "wan" -> Kind.WAN;
            case "stable_diffusion" -> Kind.SD;
            default ->
                throw new NotRunnable(
                        loader,
                        "Models of type " + loader.text("type") + " cannot run here; stable_diffusion and wan can");
        };
    }

    private static String file(Node loader) {
        return switch (loader.type().name()) {
            case CHECKPOINT -> loader.text("ckpt_name");
            case "UNETLoader" -> loader.text("unet_name");
            case "CLIPLoader" -> loader.text("clip_name");
            default -> loader.text("vae_name");
        };
    }

    private Optional<String> autoencoder(Node weights, List<Node> coders) {
        Node first = graph.node(coders.get(0).link("vae"));
        for (Node coder : coders) {
            Node vae = graph.node(coder.link("vae"));
            if (!vae.type().equals(first.type()) || !file(vae).equals(file(first))) {
                throw new NotRunnable(coder, "Everything around one sampler must use the same VAE; here are two");
            }
        }
        if (!first.is(CHECKPOINT)) {
            return Optional.of(file(first));
        }
        if (!weights.is(CHECKPOINT) || !file(first).equals(file(weights))) {
            throw new NotRunnable(
                    coders.get(0), "The VAE of a checkpoint can only be used with its model; load it with a VAELoader");
        }
        return Optional.empty();
    }

    /** What is put on neither side has no effect and is left out. */
    private static List<Lora> loras(Weights weights, Encoder encoder) {
        Map<String, Node> all = new LinkedHashMap<>();
        weights.loras().forEach(node -> all.put(node.id(), node));
        encoder.loras().forEach(node -> all.putIfAbsent(node.id(), node));
        return all.values().stream()
                .map(node -> new Lora(
                        node.id(),
                        node.text("lora_name"),
                        weights.loras().contains(node) ? node.real("strength_model") : 0,
                        encoder.loras().contains(node) ? node.real("strength_clip") : 0))
                .filter(lora -> lora.model() != 0 || lora.clip() != 0)
                .toList();
    }
}
