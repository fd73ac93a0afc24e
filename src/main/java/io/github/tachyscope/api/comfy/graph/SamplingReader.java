package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.api.comfy.graph.LatentReader.Latent;
import io.github.tachyscope.api.comfy.graph.ModelReader.Encoder;
import io.github.tachyscope.api.comfy.graph.ModelWish.Kind;
import io.github.tachyscope.api.comfy.graph.Sampling.Stages;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads one sampler with everything around it. */
final class SamplingReader {
    private final CheckedGraph graph;
    private final ModelReader models;
    private final WishReader wishes;
    private final LatentReader latents;

    SamplingReader(CheckedGraph graph) {
        this.graph = graph;
        models = new ModelReader(graph);
        wishes = new WishReader(graph);
        latents = new LatentReader(graph);
    }

    /** @param decoders of what it makes */
    Sampling read(Node sampler, List<Node> decoders, List<OutputNode> outputs, Stages stages) {
        Latent latent = latents.read(sampler);
        Text positive = text(sampler.link("positive"));
        Text negative = text(sampler.link("negative"));
        checkPictures(sampler, latent, positive, negative);
        Encoder encoder = models.encoder(positive.node());
        if (!encoder.isLike(models.encoder(negative.node()))) {
            throw new NotRunnable(
                    negative.node(),
                    "Both texts of a sampler must go through the same text encoder, LoRAs and CLIPSetLastLayer");
        }
        List<Node> coders = new ArrayList<>(decoders);
        if (latent.node().is("VAEEncode") || latent.picture().isPresent()) {
            coders.add(latent.node());
        }
        ModelWish wish = wishes.read(models.weights(sampler), encoder, latent.video(), coders);
        checkKind(wish, latent);
        return new Sampling(
                sampler.id(),
                sampler.type().name(),
                wish,
                positive.node().text("text"),
                negative.node().text("text"),
                encoder.skip(),
                latent.canvas(),
                denoising(sampler),
                latent.picture(),
                outputs,
                stages);
    }

    /**
     * A text, with the pictures that are tied to it on its way.
     *
     * @param pictured ids of the nodes that tie them
     */
    private record Text(Node node, Set<String> pictured) {}

    private Text text(Link conditioning) {
        Set<String> pictured = new HashSet<>();
        Link link = conditioning;
        Node node = graph.node(link);
        while (node.is("WanImageToVideo")) {
            if (node.optionalLink("start_image").isPresent()) {
                pictured.add(node.id());
            }
            link = node.link(link.slot() == 0 ? "positive" : "negative");
            node = graph.node(link);
        }
        return new Text(node, pictured);
    }

    private static void checkPictures(Node sampler, Latent latent, Text positive, Text negative) {
        Set<String> wanted = latent.video() && latent.picture().isPresent()
                ? Set.of(latent.node().id())
                : Set.of();
        if (!positive.pictured().equals(wanted) || !negative.pictured().equals(wanted)) {
            throw new NotRunnable(
                    sampler,
                    "positive, negative and latent_image must all come out of the same WanImageToVideo, or none of them"
                            + " out of one with a start_image");
        }
    }

    private static void checkKind(ModelWish wish, Latent latent) {
        if (wish.kind() == Kind.SD && latent.video()) {
            throw new NotRunnable(
                    latent.node(), "Stable Diffusion makes pictures, not videos; use EmptyLatentImage or VAEEncode");
        }
        if (wish.kind() == Kind.WAN && !latent.video()) {
            throw new NotRunnable(
                    latent.node(), "Wan makes videos; use EmptyHunyuanLatentVideo, or WanImageToVideo with a picture");
        }
    }

    private static Denoising denoising(Node sampler) {
        int steps = sampler.whole("steps");
        double cfg = sampler.real("cfg");
        String name = sampler.text("sampler_name");
        String scheduler = sampler.text("scheduler");
        if (sampler.is("KSampler")) {
            return new Denoising(
                    steps, cfg, name, scheduler, sampler.seed("seed"), sampler.real("denoise"), 0, steps, true, false);
        }
        int start = sampler.whole("start_at_step");
        int end = Math.min(steps, sampler.whole("end_at_step"));
        if (start >= end) {
            throw new NotRunnable(
                    sampler, "start_at_step is " + start + " and the last step " + end + "; there is nothing to do");
        }
        return new Denoising(
                steps,
                cfg,
                name,
                scheduler,
                sampler.seed("noise_seed"),
                1,
                start,
                end,
                sampler.text("add_noise").equals("enable"),
                sampler.text("return_with_leftover_noise").equals("enable"));
    }
}
