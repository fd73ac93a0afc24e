package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.Fields.Range;
import io.github.tachyscope.media.H264Options;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a client asks to have generated, by {@code /v1/videos} or over a WebSocket: checked field by field, with the
 * rules of precedence applied, but not yet held against a pipeline.
 *
 * @param shape size, rate and length
 * @param steps of denoising for each chunk
 * @param scales of guidance and sampling by their names; a pipeline may know none of them
 * @param encoder wishes for the encoder
 * @param pace of a stream
 * @param wantsFinishedFile whether the client asked for a whole file in one piece, which no stream can be
 * @param extra what is meant for the pipeline
 * @param accepted all fields that were there, in canonical form
 */
public record VideoRequest(
        String prompt,
        Optional<String> model,
        Optional<String> negativePrompt,
        Shape shape,
        Optional<Integer> steps,
        Optional<Long> seed,
        Map<String, Double> scales,
        Optional<Reference> reference,
        Optional<Lora> lora,
        H264Options encoder,
        Pace pace,
        boolean wantsFinishedFile,
        Map<String, JsonNode> extra,
        Map<String, JsonNode> accepted) {
    /** Whole numbers up to here are the same in every client. */
    private static final long MAX_SEED = (1L << 53) - 1;

    private static final int MAX_STEPS = 200;
    private static final String CODEC_OPTIONS = "video_codec_options";
    private static final String FINISHED_FILE = "preencode_mp4";

    /** Keys of {@code extra_params} that are not for the pipeline. */
    private static final Set<String> OURS =
            Set.of(CODEC_OPTIONS, FINISHED_FILE, "output_format", "video_codec", Pace.KEPT, Pace.LEAD, Pace.MAX_LAG);

    /** Objects that forms carry as JSON in a text. */
    static final Set<String> OBJECTS = Set.of(
            "image_reference",
            "video_reference",
            "input_reference",
            "audio_reference",
            "video_params",
            "sampling_params",
            "lora",
            "extra_params");

    /** What {@code sampling_params} may have that belongs above it. */
    private static final Set<String> LIFTED = Set.of(
            "prompt",
            "model",
            "negative_prompt",
            "seconds",
            "size",
            "width",
            "height",
            "num_frames",
            "fps",
            "video_params",
            "num_inference_steps",
            "guidance_scale",
            "guidance_scale_2",
            "true_cfg_scale",
            "boundary_ratio",
            "flow_shift",
            "seed",
            "image_reference",
            "video_reference",
            "lora",
            "generate_sound",
            "sound_duration",
            "enable_frame_interpolation",
            "frame_interpolation_exp",
            "frame_interpolation_scale",
            "frame_interpolation_model_path",
            "quality",
            "user",
            "extra_params");

    public VideoRequest {
        scales = Map.copyOf(scales);
        extra = Map.copyOf(extra);
    }

    /**
     * Reads a request; what it does not know it does not look at.
     *
     * @throws FieldRejected if a field is missing or not allowed
     */
    public static VideoRequest read(ObjectNode json) {
        Fields fields = new Fields(lifted(json));
        String prompt = fields.text("prompt")
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> new FieldRejected("prompt", "is required: a text that says what to show"));
        Optional<String> model = fields.text("model");
        Optional<String> negativePrompt = fields.text("negative_prompt");
        Shape shape = Shape.read(fields);
        Optional<Integer> steps = fields.whole("num_inference_steps", 1, MAX_STEPS);
        Map<String, Double> scales = scales(fields);
        Optional<Long> seed = fields.whole("seed", 0, MAX_SEED);
        Optional<Reference> reference = Reference.read(fields);
        Optional<Lora> lora = Lora.read(fields);
        readWithoutEffect(fields);
        Optional<ObjectNode> extra = fields.object("extra_params");
        return new VideoRequest(
                prompt,
                model,
                negativePrompt,
                shape,
                steps,
                seed,
                scales,
                reference,
                lora,
                encoder(extra),
                Pace.read(extra),
                extra.map(Fields::new).flatMap(own -> own.flag(FINISHED_FILE)).orElse(false),
                extra.map(VideoRequest::forPipeline).orElse(Map.of()),
                fields.accepted());
    }

    private static ObjectNode lifted(ObjectNode json) {
        Optional<ObjectNode> sampling = new Fields(json).object("sampling_params");
        if (sampling.isEmpty()) {
            return json;
        }
        ObjectNode lifted = json.deepCopy();
        ObjectNode more = JsonNodeFactory.instance.objectNode();
        sampling.get().properties().forEach(member -> {
            if (!LIFTED.contains(member.getKey())) {
                more.set(member.getKey(), member.getValue());
            } else if (!lifted.hasNonNull(member.getKey())) {
                lifted.set(member.getKey(), member.getValue());
            }
        });
        if (!more.isEmpty()) {
            // What the client put there itself stays.
            new Fields(lifted).object("extra_params").ifPresent(more::setAll);
            lifted.set("extra_params", more);
        }
        return lifted;
    }

    private static Map<String, Double> scales(Fields fields) {
        Map<String, Double> scales = new LinkedHashMap<>();
        for (String name : Set.of("guidance_scale", "guidance_scale_2", "true_cfg_scale")) {
            fields.number(name, Range.from0To(20)).ifPresent(value -> scales.put(name, value));
        }
        fields.number("boundary_ratio", Range.from0To(1)).ifPresent(value -> scales.put("boundary_ratio", value));
        fields.number("flow_shift", Range.ANY).ifPresent(value -> scales.put("flow_shift", value));
        return scales;
    }

    /** What is checked and shown again, and changes nothing here. */
    private static void readWithoutEffect(Fields fields) {
        fields.text("quality");
        fields.text("user");
        fields.flag("generate_sound");
        fields.number("sound_duration", Range.POSITIVE);
        if (fields.flag("enable_frame_interpolation").orElse(false)) {
            throw new FieldRejected(
                    "enable_frame_interpolation", "needs an interpolator, and none is installed here; leave it out");
        }
        fields.whole("frame_interpolation_exp", 1, 16);
        fields.number("frame_interpolation_scale", Range.POSITIVE);
        fields.text("frame_interpolation_model_path");
    }

    private static H264Options encoder(Optional<ObjectNode> extra) {
        Optional<ObjectNode> given = extra.flatMap(own -> new Fields(own).object(CODEC_OPTIONS));
        if (given.isEmpty()) {
            return H264Options.none();
        }
        Map<String, String> asked = new LinkedHashMap<>();
        given.get()
                .properties()
                .forEach(option -> asked.put(option.getKey(), option.getValue().asText()));
        return H264Options.from(asked);
    }

    private static Map<String, JsonNode> forPipeline(ObjectNode extra) {
        Map<String, JsonNode> left = new LinkedHashMap<>();
        extra.properties().forEach(member -> {
            if (!OURS.contains(member.getKey()) && !member.getValue().isNull()) {
                left.put(member.getKey(), member.getValue());
            }
        });
        return left;
    }

    /** The request as it was understood: every field that is not null, and the defaults. */
    public ObjectNode echo() {
        ObjectNode echo = JsonNodeFactory.instance
                .objectNode()
                .put("generate_sound", false)
                .put("enable_frame_interpolation", false)
                .put("frame_interpolation_exp", 1)
                .put("frame_interpolation_scale", 1.0);
        accepted.forEach((name, value) -> echo.set(name, value.deepCopy()));
        return echo;
    }
}
