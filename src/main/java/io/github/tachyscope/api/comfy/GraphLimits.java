package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.comfy.graph.GraphPlan;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.config.ComfySettings;
import io.github.tachyscope.frame.PictureSize;
import java.util.Optional;

/** What the operator lets one graph ask for. */
record GraphLimits(ComfySettings.Limits limits) {

    /** The body of a reply with status 400 if a graph asks for more. */
    Optional<ObjectNode> refusal(GraphPlan plan) {
        for (Sampling sampling : plan.samplings()) {
            Optional<PictureSize> size = sampling.canvas().size();
            long frames = (long) sampling.canvas().frames() * sampling.canvas().batch();
            Optional<ObjectNode> refusal = above(sampling, "frames", frames, limits.frames())
                    .or(() -> size.flatMap(own -> above(sampling, "width", own.width(), limits.width())))
                    .or(() -> size.flatMap(own -> above(sampling, "height", own.height(), limits.height())))
                    .or(() -> above(sampling, "steps", sampling.denoising().steps(), limits.steps()));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    private static Optional<ObjectNode> above(Sampling sampling, String what, long asked, Optional<Integer> most) {
        if (most.isEmpty() || asked <= most.get()) {
            return Optional.empty();
        }
        String message =
                "Value " + asked + " bigger than max of " + most.get() + " (tachyscope.comfy.limits." + what + ")";
        ObjectNode json = Messages.object();
        json.putObject("error")
                .put("type", "prompt_outputs_failed_validation")
                .put("message", "Prompt outputs failed validation")
                .put("details", message + ": " + what)
                .putObject("extra_info");
        ObjectNode node = json.putObject("node_errors").putObject(sampling.node());
        node.put("class_type", sampling.nodeType());
        var dependent = node.putArray("dependent_outputs");
        sampling.outputs().forEach(output -> dependent.add(output.id()));
        ObjectNode fault = node.putArray("errors").addObject();
        fault.put("type", "value_bigger_than_max").put("message", message).put("details", what);
        fault.putObject("extra_info")
                .put("input_name", what)
                .putNull("input_config")
                .put("received_value", asked);
        return Optional.of(json);
    }
}
