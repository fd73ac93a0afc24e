package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.api.comfy.graph.Sampling.Stages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Goes back from the outputs of a checked graph to what they are made from:
 *
 * <pre>
 *   output <- VAEDecode <- sampler <- model, texts, latent      a {@link Sampling} for each sampler
 *   output <- LoadImage                                         a {@link PassedPicture}
 * </pre>
 */
public final class GraphReader {
    private final CheckedGraph graph;
    private final ExecutionOrder order;
    private final Map<String, Group> samplers = new LinkedHashMap<>();
    private final Map<PictureSource, List<OutputNode>> pictures = new LinkedHashMap<>();

    private GraphReader(CheckedGraph graph) {
        this.graph = graph;
        order = new ExecutionOrder(graph.nodes());
    }

    /** What is made from one sampler. */
    private record Group(Node sampler, Map<String, Node> decoders, List<OutputNode> outputs) {}

    /**
     * Reads a graph.
     *
     * @throws NotRunnable if it is of a shape that cannot run here
     */
    public static GraphPlan read(CheckedGraph graph) {
        return new GraphReader(graph).plan();
    }

    private GraphPlan plan() {
        graph.outputs().stream().map(graph::node).forEach(this::sort);
        List<String> all = new ArrayList<>();
        List<Sampling> samplings = new ArrayList<>();
        SamplingReader reader = new SamplingReader(graph);
        for (Group group : samplers.values()) {
            List<String> nodes = upTo(group.outputs());
            int at = nodes.indexOf(group.sampler().id());
            // A sampler is missing here if it came before an earlier one, which then has no use for what it makes.
            Stages stages = at < 0
                    ? new Stages(List.of(), nodes)
                    : new Stages(nodes.subList(0, at), nodes.subList(at + 1, nodes.size()));
            samplings.add(
                    reader.read(group.sampler(), List.copyOf(group.decoders().values()), group.outputs(), stages));
            all.addAll(nodes);
        }
        List<PassedPicture> passed = new ArrayList<>();
        pictures.forEach((picture, outputs) -> {
            List<String> nodes = upTo(outputs);
            passed.add(new PassedPicture(picture, outputs, nodes));
            all.addAll(nodes);
        });
        return new GraphPlan(samplings, passed, all);
    }

    private List<String> upTo(List<OutputNode> outputs) {
        return order.upTo(outputs.stream().map(OutputNode::id).toList());
    }

    private void sort(Node output) {
        FrameOrigin origin = OutputReader.origin(graph, output);
        OutputNode read = OutputReader.read(graph, output);
        if (origin instanceof FrameOrigin.Loaded loaded) {
            add(output, read, pictures.computeIfAbsent(loaded.picture(), picture -> new ArrayList<>()));
        } else if (origin instanceof FrameOrigin.Decoded decoded) {
            Node sampler = decoded.latents();
            if (!sampler.is("KSampler", "KSamplerAdvanced")) {
                throw new NotRunnable(
                        decoded.decoder(), "There is nothing to decode: samples must come out of a sampler");
            }
            Group group = samplers.computeIfAbsent(
                    sampler.id(), id -> new Group(sampler, new LinkedHashMap<>(), new ArrayList<>()));
            group.decoders().put(decoded.decoder().id(), decoded.decoder());
            add(output, read, group.outputs());
        }
        if (samplers.size() + pictures.size() > GraphPlan.MOST_SAMPLINGS) {
            throw new NotRunnable(
                    output, "A graph can have " + GraphPlan.MOST_SAMPLINGS + " samplers and passed pictures at most");
        }
    }

    private static void add(Node output, OutputNode read, List<OutputNode> outputs) {
        if (outputs.size() == GraphPlan.MOST_OUTPUTS) {
            throw new NotRunnable(
                    output, "One sampler or picture can have " + GraphPlan.MOST_OUTPUTS + " outputs at most");
        }
        outputs.add(read);
    }
}
