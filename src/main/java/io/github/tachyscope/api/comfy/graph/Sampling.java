package io.github.tachyscope.api.comfy.graph;

import java.util.List;
import java.util.Optional;

/**
 * One sampler with everything that it is fed with and all outputs that it feeds.
 *
 * @param node id of the sampler
 * @param nodeType its class
 * @param clipSkip layers to leave out at the end of the text encoder; 0 takes the last one
 * @param start picture to begin with: a model of pictures changes it, a model of videos has it as its first frame
 * @param outputs in the order of the graph
 */
public record Sampling(
        String node,
        String nodeType,
        ModelWish model,
        String positive,
        String negative,
        int clipSkip,
        Canvas canvas,
        Denoising denoising,
        Optional<PictureSource> start,
        List<OutputNode> outputs,
        Stages stages) {
    public Sampling {
        outputs = List.copyOf(outputs);
    }

    /**
     * Ids of the nodes that take part and did not before, each behind all that it needs.
     *
     * @param before the sampler: loaders, texts, latents
     * @param after the sampler: decoders and outputs
     */
    public record Stages(List<String> before, List<String> after) {
        public Stages {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }
}
