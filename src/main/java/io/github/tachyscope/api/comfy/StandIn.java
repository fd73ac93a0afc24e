package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import io.github.tachyscope.api.comfy.graph.Denoising;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a graph for another model comes to on a pipeline that draws in its place. */
record StandIn(PipelineSpec spec) {
    /** Beyond this the frames of live pipelines get no better. */
    private static final int MOST_STEPS = 50;

    /** Bits of the seeds that pipelines take. */
    private static final int SEED_BITS = 53;

    /** The nearest size of the same shape that the pipeline can make. */
    PictureSize size(PictureSize wanted) {
        double most = (double) spec.maxDimension() / Math.max(wanted.width(), wanted.height());
        double least = (double) spec.minDimension() / Math.min(wanted.width(), wanted.height());
        double factor = Math.min(Math.max(1, least), most);
        return new PictureSize(side(wanted.width() * factor), side(wanted.height() * factor));
    }

    private int side(double wanted) {
        // Chrominance of videos has half the resolution.
        int step = spec.dimensionMultiple() % 2 == 0 ? spec.dimensionMultiple() : 2 * spec.dimensionMultiple();
        int least = (spec.minDimension() + step - 1) / step * step;
        int most = spec.maxDimension() / step * step;
        return (int) Math.max(least, Math.min(most, Math.round(wanted / step) * step));
    }

    int steps(Denoising denoising, InputMode mode) {
        int most = Math.min(MOST_STEPS, spec.modes().get(mode).mostDenoisingSteps());
        return Math.max(1, Math.min(most, denoising.endStep() - denoising.startStep()));
    }

    Parameters parameters(Sampling sampling, InputMode mode) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put(Parameters.PROMPTS, prompts(sampling.positive()));
        values.put(
                CommonParameters.BASE_SEED,
                LongNode.valueOf(seed(sampling.denoising().seed())));
        ModeDefaults defaults = spec.modes().get(mode);
        if (!defaults.denoisingSteps().isEmpty()) {
            ArrayNode steps = JsonNodeFactory.instance.arrayNode();
            defaults.denoisingSteps(steps(sampling.denoising(), mode)).forEach(steps::add);
            values.put(CommonParameters.DENOISING_STEP_LIST, steps);
        }
        if (mode == InputMode.VIDEO) {
            values.put(
                    CommonParameters.NOISE_SCALE,
                    DoubleNode.valueOf(sampling.denoising().denoise()));
            values.put(CommonParameters.NOISE_CONTROLLER, BooleanNode.FALSE);
        }
        Set<String> known =
                spec.parameters().parameters().stream().map(ParameterSpec::name).collect(Collectors.toSet());
        values.keySet().retainAll(known);
        return Parameters.of(values);
    }

    /** Small seeds as they are, and large ones apart from each other. */
    private static long seed(long asked) {
        return (asked ^ asked >>> SEED_BITS) & (1L << SEED_BITS) - 1;
    }

    static ArrayNode prompts(String text) {
        ArrayNode prompts = JsonNodeFactory.instance.arrayNode();
        prompts.addObject().put("text", text).put("weight", 1.0);
        return prompts;
    }
}
