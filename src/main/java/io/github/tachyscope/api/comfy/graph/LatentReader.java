package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Optional;

/** Reads what a sampler begins with. */
final class LatentReader {
    private final CheckedGraph graph;

    LatentReader(CheckedGraph graph) {
        this.graph = graph;
    }

    /**
     * The start of a sampler.
     *
     * @param video whether it is one for videos
     * @param picture that it is made from
     */
    record Latent(Node node, boolean video, Canvas canvas, Optional<PictureSource> picture) {}

    Latent read(Node sampler) {
        Node node = graph.node(sampler.link("latent_image"));
        return switch (node.type().name()) {
            case "EmptyLatentImage" -> new Latent(node, false, canvas(node, 1), Optional.empty());
            case "VAEEncode" ->
                new Latent(
                        node,
                        false,
                        new Canvas(Optional.empty(), 1, 1),
                        Optional.of(picture(sampler, node.link("pixels"))));
            case "WanImageToVideo" ->
                new Latent(
                        node,
                        true,
                        video(node),
                        node.optionalLink("start_image").map(link -> picture(sampler, link)));
            case "EmptyHunyuanLatentVideo", "EmptyWanLatentVideo" ->
                new Latent(node, true, video(node), Optional.empty());
            default -> throw feeds(sampler);
        };
    }

    private static Canvas video(Node node) {
        return canvas(node, Canvas.videoFrames(node.whole("length")));
    }

    private static Canvas canvas(Node node, int frames) {
        int width = node.whole("width") / Canvas.LATENT * Canvas.LATENT;
        int height = node.whole("height") / Canvas.LATENT * Canvas.LATENT;
        if (Math.max(width, height) > VideoFrame.MAX_DIMENSION) {
            throw new NotRunnable(
                    node,
                    "Frames of " + width + "x" + height + " cannot be made here; allowed are "
                            + VideoFrame.MAX_DIMENSION + " each way");
        }
        return new Canvas(Optional.of(new PictureSize(width, height)), frames, node.whole("batch_size"));
    }

    private PictureSource picture(Node sampler, Link images) {
        if (FrameOrigin.of(graph, images) instanceof FrameOrigin.Loaded loaded) {
            return loaded.picture();
        }
        throw feeds(sampler);
    }

    private static NotRunnable feeds(Node sampler) {
        return new NotRunnable(
                sampler,
                "A sampler cannot go on with what another one made; give it an empty latent, or a picture by LoadImage"
                        + " and VAEEncode");
    }
}
