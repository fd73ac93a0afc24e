package io.github.tachyscope.api.comfy.graph;

import java.util.LinkedList;
import java.util.List;

/** Where frames come from: a decoder of latents, or a file. */
sealed interface FrameOrigin {

    /** A decoder, with the node whose latents it decodes. */
    record Decoded(Node decoder, Node latents) implements FrameOrigin {}

    /** A file. */
    record Loaded(PictureSource picture) implements FrameOrigin {}

    /** Goes back from an input for images. */
    static FrameOrigin of(CheckedGraph graph, Link images) {
        LinkedList<Scaling> scalings = new LinkedList<>();
        Node node = graph.node(images);
        while (node.is("ImageScale", "ImageScaleBy")) {
            if (scalings.size() == PictureSource.MOST_SCALINGS) {
                throw new NotRunnable(
                        node, "A picture can be scaled " + PictureSource.MOST_SCALINGS + " times in a row at most");
            }
            scalings.addFirst(scaling(node));
            Node next = graph.node(node.link("image"));
            if (next.is("VAEDecode", "VAEDecodeTiled")) {
                throw new NotRunnable(
                        node,
                        "Decoded frames cannot be scaled here; give the latent the size that you want, and link the"
                                + " decoder to the output");
            }
            node = next;
        }
        if (node.is("LoadImage")) {
            return new Loaded(new PictureSource(node.id(), node.text("image"), List.copyOf(scalings)));
        }
        return new Decoded(node, graph.node(node.link("samples")));
    }

    private static Scaling scaling(Node node) {
        String method = node.text("upscale_method");
        return node.is("ImageScaleBy")
                ? new Scaling.By(method, node.real("scale_by"))
                : new Scaling.To(
                        method,
                        node.whole("width"),
                        node.whole("height"),
                        node.text("crop").equals("center"));
    }
}
