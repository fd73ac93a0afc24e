package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.frame.PictureSize;
import java.util.List;
import java.util.Optional;

/**
 * A picture that a graph loads.
 *
 * @param node id of the node that loads it
 * @param file its name as the graph has it, which may name a folder as in {@code cat.png [output]}
 * @param scalings done to it, in this order
 */
public record PictureSource(String node, String file, List<Scaling> scalings) {
    /** Most scalings of one picture; protects from graphs that are nothing else. */
    static final int MOST_SCALINGS = 8;

    public PictureSource {
        scalings = List.copyOf(scalings);
    }

    /**
     * The size that it has after all scalings.
     *
     * @param own size of the file
     * @return empty if it is larger than pictures may be
     */
    public Optional<PictureSize> scaled(PictureSize own) {
        Optional<PictureSize> size = Optional.of(own);
        for (Scaling scaling : scalings) {
            size = size.flatMap(scaling::apply);
        }
        return size;
    }

    /**
     * The size of what a model makes of it: whole latent pixels of it, cut at the edges.
     *
     * @param own size of the file
     * @return empty if it is larger than pictures may be, or smaller than a latent pixel
     */
    public Optional<PictureSize> canvas(PictureSize own) {
        return scaled(own)
                .filter(size -> size.width() >= Canvas.LATENT && size.height() >= Canvas.LATENT)
                .map(size -> new PictureSize(
                        size.width() / Canvas.LATENT * Canvas.LATENT, size.height() / Canvas.LATENT * Canvas.LATENT));
    }
}
