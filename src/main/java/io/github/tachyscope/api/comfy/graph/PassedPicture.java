package io.github.tachyscope.api.comfy.graph;

import java.util.List;

/**
 * A picture that goes to outputs as it comes in.
 *
 * @param nodes that take part and did not before, in the order in which they run
 */
public record PassedPicture(PictureSource picture, List<OutputNode> outputs, List<String> nodes) {
    public PassedPicture {
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
    }
}
