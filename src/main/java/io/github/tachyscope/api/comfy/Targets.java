package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.comfy.graph.Denoising;
import io.github.tachyscope.api.comfy.graph.ModelWish;
import io.github.tachyscope.api.comfy.graph.Sampling;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.frame.PictureSize;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which pipeline a sampler runs on, and with what: that of its model if it is here, else the one that stands in. */
final class Targets {
    static final String STABLE_DIFFUSION = "stable-diffusion";

    /** Samplers that ask the model twice for each step. */
    private static final Set<String> TWICE =
            Set.of("heun", "heunpp2", "dpm_2", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "seeds_2");

    private final ModelNames names;
    private final Optional<PipelineSpec> stableDiffusion;
    private final Optional<StandIn> standIn;

    /** @param pipelines those of the catalogue, by id */
    Targets(ModelNames names, Map<String, PipelineSpec> pipelines, Optional<String> standIn) {
        this.names = names;
        this.stableDiffusion = Optional.ofNullable(pipelines.get(STABLE_DIFFUSION));
        this.standIn = standIn.map(pipelines::get).map(StandIn::new);
    }

    /**
     * What one sampler runs on.
     *
     * @param load how the pipeline is to be loaded
     * @param steps that clients count
     * @param calls of the denoiser for each chunk
     * @param remarks what is not as the graph says
     */
    record Target(
            PipelineSpec spec,
            Parameters load,
            Parameters parameters,
            PictureSize size,
            int steps,
            int calls,
            List<String> remarks) {}

    /**
     * Chooses.
     *
     * @param wanted size of the pictures
     * @throws Stopped if nothing here can run the model
     */
    Target of(Sampling sampling, InputMode mode, PictureSize wanted) {
        Optional<String> model = sampling.model().kind() == ModelWish.Kind.SD
                ? sampling.model().checkpoint().flatMap(names::model)
                : Optional.empty();
        if (model.isPresent() && stableDiffusion.isPresent()) {
            return real(stableDiffusion.get(), model.get(), sampling, wanted);
        }
        StandIn other = standIn.orElseThrow(() -> new Stopped(
                sampling.node(),
                sampling.nodeType(),
                "No pipeline here can run the model " + name(sampling.model()) + "."));
        return drawn(other, sampling, mode, wanted);
    }

    /** What the graph calls its model. */
    static String name(ModelWish wish) {
        return wish.checkpoint().or(wish::unet).orElse("a model");
    }

    private static Target drawn(StandIn other, Sampling sampling, InputMode mode, PictureSize wanted) {
        PictureSize size = other.size(wanted);
        Denoising denoising = sampling.denoising();
        String id = other.spec().id();
        List<String> remarks = new ArrayList<>();
        remarks.add(id + " drew in place of " + name(sampling.model()) + ", which is not here.");
        if (!size.equals(wanted)) {
            remarks.add("Pictures have " + size + " pixels instead of " + wanted + ", which " + id + " cannot make.");
        }
        if (!sampling.negative().isBlank()) {
            remarks.add("The negative prompt is ignored: " + id + " has none.");
        }
        if (!sampling.model().loras().isEmpty()) {
            remarks.add("LoRAs are ignored: " + id + " takes none.");
        }
        if (other.steps(denoising, mode) < denoising.endStep() - denoising.startStep()) {
            remarks.add(id + " took " + other.steps(denoising, mode) + " steps.");
        }
        return new Target(
                other.spec(),
                Parameters.none(),
                other.parameters(sampling, mode),
                size,
                Math.max(1, denoising.endStep() - denoising.startStep()),
                other.steps(denoising, mode),
                remarks);
    }

    private static Target real(PipelineSpec spec, String model, Sampling sampling, PictureSize wanted) {
        Denoising denoising = sampling.denoising();
        int steps = Math.max(1, Math.min(denoising.steps(), denoising.endStep()) - denoising.startStep());
        List<String> remarks =
                sampling.model().vae().isPresent() ? List.of("The autoencoder is that of the checkpoint.") : List.of();
        return new Target(
                spec,
                load(spec, model, sampling.model().loras()),
                parameters(spec, sampling),
                wanted,
                steps,
                steps * (TWICE.contains(denoising.sampler()) ? 2 : 1),
                remarks);
    }

    private static Parameters load(PipelineSpec spec, String model, List<ModelWish.Lora> loras) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put(ModelParameters.MODEL, TextNode.valueOf(model));
        if (!loras.isEmpty()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            loras.forEach(lora -> list.addObject()
                    .put("path", lora.file())
                    .put("scale", lora.model())
                    .put("text_scale", lora.clip()));
            values.put(ModelParameters.LORAS, list);
        }
        return known(spec, values);
    }

    private static Parameters parameters(PipelineSpec spec, Sampling sampling) {
        Denoising denoising = sampling.denoising();
        Map<String, JsonNode> values = new LinkedHashMap<>();
        boolean weighted = WeightedText.has(sampling.positive()) || WeightedText.has(sampling.negative());
        values.put(ModelParameters.PROMPT_WEIGHTING, BooleanNode.valueOf(weighted));
        values.put(Parameters.PROMPTS, StandIn.prompts(text(sampling.positive(), weighted)));
        values.put(ModelParameters.NEGATIVE_PROMPT, TextNode.valueOf(text(sampling.negative(), weighted)));
        values.put(
                CommonParameters.BASE_SEED,
                BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(denoising.seed()))));
        values.put("steps", IntNode.valueOf(denoising.steps()));
        values.put("guidance_scale", DoubleNode.valueOf(denoising.cfg()));
        values.put("sampler", TextNode.valueOf(denoising.sampler()));
        values.put("scheduler", TextNode.valueOf(denoising.scheduler()));
        values.put("denoise", DoubleNode.valueOf(denoising.denoise()));
        values.put("start_step", IntNode.valueOf(denoising.startStep()));
        values.put("end_step", IntNode.valueOf(denoising.endStep()));
        values.put("add_noise", BooleanNode.valueOf(denoising.addNoise()));
        values.put("leftover_noise", BooleanNode.valueOf(denoising.leftoverNoise()));
        values.put("clip_skip", IntNode.valueOf(sampling.clipSkip()));
        sampling.model().prediction().ifPresent(kind -> values.put("prediction", TextNode.valueOf(kind)));
        if (sampling.model().zeroTerminalSnr()) {
            values.put("zero_terminal_snr", BooleanNode.TRUE);
        }
        return known(spec, values);
    }

    private static String text(String text, boolean weighted) {
        return weighted ? WeightedText.of(text) : text;
    }

    private static Parameters known(PipelineSpec spec, Map<String, JsonNode> values) {
        Set<String> names =
                spec.parameters().parameters().stream().map(ParameterSpec::name).collect(Collectors.toSet());
        values.keySet().retainAll(names);
        return Parameters.of(values);
    }
}
