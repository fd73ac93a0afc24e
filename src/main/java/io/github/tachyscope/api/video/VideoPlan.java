package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.session.job.Previews;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * What a request comes to on a pipeline: whole chunks, a size that fits, and of its parameters those that the pipeline
 * has.
 */
public final class VideoPlan {
    /** For those who follow the job; perhaps nobody does, so it costs next to nothing. */
    private static final Previews SHOWN = new Previews("latent2rgb", 320, 80, false);

    private static final String NEGATIVE_PROMPT = "negative_prompt";
    private static final String STEPS = "num_inference_steps";

    /** Of the only prompt; it has no other to be weighed against. */
    private static final int WEIGHT = 100;

    /** Short enough for every client to read it as a number and send it again. */
    private static final long RANDOM_SEEDS = 1L << 31;

    private VideoPlan() {}

    /** The seed of the request, or one by chance. */
    public static long seed(VideoRequest request) {
        return request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(RANDOM_SEEDS));
    }

    /**
     * @param footage stored, if the request has a reference
     * @param maxFrames that one video may have
     * @throws FieldRejected if the pipeline cannot do what is asked for
     */
    public static JobPlan of(
            VideoRequest request, PipelineSpec spec, Optional<Footage> footage, long seed, int maxFrames) {
        InputMode mode = footage.isPresent() ? InputMode.VIDEO : InputMode.TEXT;
        ModeDefaults defaults = spec.modes().get(mode);
        if (defaults == null) {
            throw new FieldRejected(
                    "input_reference",
                    footage.isPresent()
                            ? "is of no use to pipeline " + spec.id() + ", which makes video from text alone"
                            : "is required: pipeline " + spec.id() + " works on a picture or a video");
        }
        Shape shape = request.shape();
        long frames = frames(request, defaults.geometry(), maxFrames);
        ParameterSchedule schedule = Keyframes.add(
                ParameterSchedule.constant(parameters(request, spec, defaults, seed)),
                request,
                spec,
                defaults.geometry(),
                JobPlan.chunks(frames, defaults.geometry()));
        return new JobPlan(
                spec.id(),
                Optional.empty(),
                mode,
                shape.size().map(size -> size(size, spec)),
                frames,
                shape.fps(),
                schedule,
                footage,
                List.of(new Keep.Mp4("", Optional.empty(), shape.fps())),
                request.encoder().values(),
                Optional.of(SHOWN));
    }

    private static long frames(VideoRequest request, ChunkGeometry geometry, int maxFrames) {
        long wanted = request.shape().frames();
        if (wanted > maxFrames) {
            throw new FieldRejected(
                    request.accepted().containsKey("num_frames") ? "num_frames" : "seconds",
                    "makes a video of " + wanted + " frames; allowed are " + maxFrames
                            + " (tachyscope.video.max-frames)");
        }
        long later = Math.max(0, wanted - geometry.firstFramesOut());
        long chunks = (later + geometry.framesOut() - 1) / geometry.framesOut();
        return geometry.firstFramesOut() + chunks * geometry.framesOut();
    }

    private static PictureSize size(Shape.Size size, PipelineSpec spec) {
        // Chrominance has half the resolution, so that sides are even whatever the pipeline allows.
        int step = spec.dimensionMultiple() % 2 == 0 ? spec.dimensionMultiple() : 2 * spec.dimensionMultiple();
        checkSide("width", size.width(), step, spec);
        checkSide("height", size.height(), step, spec);
        return new PictureSize(size.width(), size.height());
    }

    private static void checkSide(String name, int side, int step, PipelineSpec spec) {
        if (side % step != 0 || side < spec.minDimension() || side > spec.maxDimension()) {
            throw new FieldRejected(
                    name,
                    side + " does not fit pipeline " + spec.id() + "; allowed are multiples of " + step + " from "
                            + spec.minDimension() + " to " + spec.maxDimension());
        }
    }

    private static Parameters parameters(VideoRequest request, PipelineSpec spec, ModeDefaults defaults, long seed) {
        Set<String> known =
                spec.parameters().parameters().stream().map(ParameterSpec::name).collect(Collectors.toSet());
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put(Parameters.PROMPTS, prompts(request.prompt()));
        values.put(CommonParameters.BASE_SEED, LongNode.valueOf(seed));
        request.negativePrompt().ifPresent(text -> values.put(NEGATIVE_PROMPT, TextNode.valueOf(text)));
        request.scales().forEach((name, scale) -> values.put(name, DoubleNode.valueOf(scale)));
        request.steps().ifPresent(count -> {
            values.put(STEPS, IntNode.valueOf(count));
            if (!known.contains(STEPS) && !defaults.denoisingSteps().isEmpty()) {
                values.put(CommonParameters.DENOISING_STEP_LIST, timesteps(spec, defaults, count));
            }
        });
        request.lora().ifPresent(lora -> {
            if (!known.contains(CommonParameters.LORA_SCALES)) {
                throw new FieldRejected("lora", "cannot be used with pipeline " + spec.id() + ", which takes none");
            }
            values.put(CommonParameters.LORA_SCALES, scales(lora));
        });
        values.putAll(request.extra());
        values.keySet().retainAll(known);
        return Parameters.of(values);
    }

    private static ArrayNode timesteps(PipelineSpec spec, ModeDefaults defaults, int count) {
        if (count > defaults.mostDenoisingSteps()) {
            throw new FieldRejected(
                    "num_inference_steps",
                    count + " are too many; pipeline " + spec.id() + " takes at most " + defaults.mostDenoisingSteps()
                            + " in this mode");
        }
        ArrayNode steps = JsonNodeFactory.instance.arrayNode();
        defaults.denoisingSteps(count).forEach(steps::add);
        return steps;
    }

    static ArrayNode prompts(String text) {
        ArrayNode prompts = JsonNodeFactory.instance.arrayNode();
        prompts.addObject().put("text", text).put("weight", WEIGHT);
        return prompts;
    }

    private static ArrayNode scales(Lora lora) {
        ArrayNode scales = JsonNodeFactory.instance.arrayNode();
        scales.addObject().put("path", lora.path().or(lora::name).orElseThrow()).put("scale", lora.scale());
        return scales;
    }
}
