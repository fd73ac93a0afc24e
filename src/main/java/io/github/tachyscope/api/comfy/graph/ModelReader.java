package io.github.tachyscope.api.comfy.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Goes back from a sampler along its model, and from a text along its text encoder, to the nodes that load them.
 *
 * <pre>
 *   loader --- LoraLoader --- LoraLoader --- ModelSamplingSD3 --- KSampler
 *       `----------'--------------'--------- CLIPSetLastLayer --- CLIPTextEncode
 * </pre>
 */
final class ModelReader {
    /** Most LoRAs of a model; protects the device, which holds each beside the weights. */
    static final int MOST_LORAS = 64;

    private final CheckedGraph graph;

    ModelReader(CheckedGraph graph) {
        this.graph = graph;
    }

    /**
     * What is between a sampler and its weights.
     *
     * @param loras in the order in which they are put on
     * @param flow the schedule for models of flows that holds, if there is one
     * @param discrete the one for other models
     */
    record Weights(Node loader, List<Node> loras, Optional<Node> flow, Optional<Node> discrete) {}

    /**
     * What is between a text and its encoder.
     *
     * @param loras in the order in which they are put on
     * @param skip layers that are left out at the end
     */
    record Encoder(Node loader, List<Node> loras, int skip) {
        /** Whether texts are understood alike. */
        boolean isLike(Encoder other) {
            return loader.values().equals(other.loader.values())
                    && loader.type().equals(other.loader.type())
                    && loras.equals(other.loras)
                    && skip == other.skip;
        }
    }

    Weights weights(Node sampler) {
        List<Node> way = way(sampler, "model");
        return new Weights(way.get(0), loras(way), last(way, "ModelSamplingSD3"), last(way, "ModelSamplingDiscrete"));
    }

    Encoder encoder(Node text) {
        List<Node> way = way(text, "clip");
        int skip = last(way, "CLIPSetLastLayer")
                .map(node -> -1 - node.whole("stop_at_clip_layer"))
                .orElse(0);
        return new Encoder(way.get(0), loras(way), skip);
    }

    /** The nodes from the loader on; it is the one without such an input. */
    private List<Node> way(Node end, String input) {
        List<Node> way = new ArrayList<>();
        Optional<Link> link = end.optionalLink(input);
        while (link.isPresent()) {
            Node node = graph.node(link.get());
            way.add(node);
            link = node.optionalLink(input);
        }
        Collections.reverse(way);
        return way;
    }

    private static List<Node> loras(List<Node> way) {
        List<Node> loras = way.stream()
                .filter(node -> node.is("LoraLoader", "LoraLoaderModelOnly"))
                .toList();
        if (loras.size() > MOST_LORAS) {
            throw new NotRunnable(loras.get(MOST_LORAS), "A model can have " + MOST_LORAS + " LoRAs at most");
        }
        return loras;
    }

    /** Of several changes of the same kind the last one holds. */
    private static Optional<Node> last(List<Node> way, String type) {
        return way.stream().filter(node -> node.is(type)).reduce((earlier, later) -> later);
    }
}
