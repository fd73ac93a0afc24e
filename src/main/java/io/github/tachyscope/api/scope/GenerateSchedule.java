package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.store.StoreRefused;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The parameters of a generate request by chunk.
 *
 * <pre>
 *   dense    a value, or a list of one per chunk whose last element goes on      seed, noise_scale, ...
 *   sparse   said at the chunks that are named                                   chunk_prompts, transitions, ...
 *   once     said at the first chunk                                             manage_cache, denoising_steps, ...
 *   at every chunk                                                               lora_scales
 * </pre>
 *
 * <p>What is sparse comes after what is not: it acts from its chunk on until a dense value changes. What the pipeline
 * does not have is refused, unless it says what holds anyway; prompts and seeds are ignored by a pipeline without them.
 */
final class GenerateSchedule {
    static final long SEED = 42;

    private static final String CHUNK = "chunk";
    private static final String IMAGE = "image";
    private static final String FIRST_FRAME = "first_frame_image";
    private static final String LAST_FRAME = "last_frame_image";
    private static final String REFERENCES = "vace_ref_images";

    /** Most entries of one list; protects memory. More get 422. */
    private static final int MOST_ENTRIES = 10_000;

    /** Most pictures at one chunk. */
    private static final int MOST_IMAGES = 16;

    private static final double PROMPT_WEIGHT = 100;

    /** Values that change nothing in a pipeline that does not know the name. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.of(
            CommonParameters.NOISE_SCALE,
            value -> is(value, 0.7),
            CommonParameters.NOISE_CONTROLLER,
            value -> value.isBoolean() && !value.booleanValue(),
            CommonParameters.MANAGE_CACHE,
            value -> value.isBoolean() && value.booleanValue(),
            CommonParameters.KV_CACHE_ATTENTION_BIAS,
            value -> is(value, 1),
            CommonParameters.PROMPT_INTERPOLATION_METHOD,
            value -> value.asText().equals("linear"),
            Parameters.RESET_CACHE,
            value -> value.isBoolean() && !value.booleanValue(),
            "vace_context_scale",
            value -> is(value, 1),
            "vace_use_input_video",
            JsonNode::isBoolean);

    /** Only with an input video. */
    private static final Set<String> OF_VIDEO =
            Set.of(CommonParameters.NOISE_SCALE, CommonParameters.NOISE_CONTROLLER, "vace_use_input_video");

    private static final Set<String> ARRAYS =
            Set.of("vace_frames", "vace_masks", "vace_input_frames", "vace_input_masks");

    private final Body body;
    private final PipelineSpec spec;
    private final boolean video;
    private final long chunks;
    private final UnaryOperator<String> images;
    private final Set<String> known;
    private final TreeMap<Long, Parameters> sparse = new TreeMap<>();
    private final LoraScales loras = new LoraScales();
    private ParameterSchedule schedule = ParameterSchedule.empty();

    private GenerateSchedule(Body body, PipelineSpec spec, boolean video, long chunks, UnaryOperator<String> images) {
        this.body = body;
        this.spec = spec;
        this.video = video;
        this.chunks = chunks;
        this.images = images;
        this.known = spec.parameters().parameters().stream()
                .filter(parameter -> parameter.kind() != ParameterSpec.Kind.LOAD)
                .map(ParameterSpec::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Reads the values by chunk.
     *
     * @param video whether there is an input video
     * @param chunks that will be made; what is said for later ones is left out
     * @param images from the path of a picture, as a client has it, to where it is; refuses what is not there
     */
    static ParameterSchedule of(
            Body body, PipelineSpec spec, boolean video, long chunks, UnaryOperator<String> images) {
        return new GenerateSchedule(body, spec, video, chunks, images).read();
    }

    private ParameterSchedule read() {
        seed();
        dense(CommonParameters.NOISE_SCALE, 0, 1);
        dense(CommonParameters.KV_CACHE_ATTENTION_BIAS, 0.01, 1);
        dense("vace_context_scale", 0, 2);
        for (String name : List.of(
                CommonParameters.NOISE_CONTROLLER,
                CommonParameters.MANAGE_CACHE,
                CommonParameters.PROMPT_INTERPOLATION_METHOD,
                "vace_use_input_video")) {
            body.member(name).ifPresent(value -> say(0, body, name, name, value));
        }
        body.member(CommonParameters.DENOISING_STEPS)
                .ifPresent(steps ->
                        say(0, body, CommonParameters.DENOISING_STEPS, CommonParameters.DENOISING_STEP_LIST, steps));
        body.object("parameters")
                .map(Body::new)
                .ifPresent(own -> own.json()
                        .properties()
                        .forEach(entry -> own.member(entry.getKey())
                                .ifPresent(value -> say(0, own, entry.getKey(), entry.getKey(), value))));
        prompts();
        pictures("first_frames", FIRST_FRAME);
        pictures("last_frames", LAST_FRAME);
        references();
        for (JsonNode chunk : list("cache_reset_chunks")) {
            if (!chunk.isIntegralNumber() || chunk.longValue() < 0) {
                throw body.invalid(
                        "cache_reset_chunks", "int_type", "Every element should be a chunk from 0 on", chunk);
            }
            say(chunk.longValue(), body, "cache_reset_chunks", Parameters.RESET_CACHE, BooleanNode.TRUE);
        }
        body.member(CommonParameters.LORA_SCALES).ifPresent(given -> loras.all(body, given, chunks));
        body.objects("chunk_specs", MOST_ENTRIES).forEach(this::chunkSpec);
        loras();
        return schedule.keyframes(sparse);
    }

    // --- dense -------------------------------------------------------------------------------------------------------

    private void seed() {
        List<JsonNode> seeds = body.member(CommonParameters.SEED)
                .map(given -> Numbers.read(body, CommonParameters.SEED, 0, Long.MAX_VALUE, given).stream()
                        .limit(chunks)
                        .toList())
                .orElse(List.of(LongNode.valueOf(SEED)));
        seedName().ifPresent(name -> schedule = schedule.dense(name, seeds));
    }

    private Optional<String> seedName() {
        return List.of(CommonParameters.BASE_SEED, CommonParameters.SEED).stream()
                .filter(known::contains)
                .findFirst();
    }

    private void dense(String name, double least, double most) {
        Optional<JsonNode> given = body.member(name);
        if (given.isEmpty()) {
            return;
        }
        List<JsonNode> usable = Numbers.read(body, name, least, most, given.get()).stream()
                .limit(chunks)
                .filter(value -> usable(body, name, name, value))
                .toList();
        if (!usable.isEmpty()) {
            schedule = schedule.dense(name, usable);
        }
    }

    // --- sparse ------------------------------------------------------------------------------------------------------

    private void prompts() {
        prompt(0, body, "prompt", body.member("prompt").orElseThrow());
        for (Body entry : body.objects("chunk_prompts", MOST_ENTRIES)) {
            prompt(chunk(entry, Optional.empty()), entry);
        }
        for (Body entry : body.objects("transitions", MOST_ENTRIES)) {
            long chunk = chunk(entry, Optional.empty());
            JsonNode target = entry.member("target_prompts").orElseThrow(() -> entry.missing("target_prompts"));
            transition(chunk, entry, target, entry.member("num_steps"), entry.member("temporal_interpolation_method"));
        }
    }

    private void prompt(long chunk, Body entry) {
        String name = entry.member("prompts").isPresent() ? "prompts" : "text";
        prompt(chunk, entry, name, entry.member(name).orElseThrow(() -> entry.missing("text")));
    }

    private void prompt(long chunk, Body where, String name, JsonNode value) {
        if (!value.isTextual() && !value.isArray() || value.isArray() && value.isEmpty()) {
            throw where.invalid(name, "value_error", "Input should be a text or a list of {text, weight}", value);
        }
        if (known.contains(Parameters.PROMPTS)) {
            say(chunk, where, name, Parameters.PROMPTS, value.isTextual() ? blend(value) : value);
        }
    }

    private static ArrayNode blend(JsonNode text) {
        ArrayNode prompts = JsonNodeFactory.instance.arrayNode();
        prompts.addObject().put("weight", PROMPT_WEIGHT).set("text", text);
        return prompts;
    }

    private void transition(
            long chunk, Body where, JsonNode target, Optional<JsonNode> steps, Optional<JsonNode> method) {
        if (known.contains(Parameters.PROMPTS)) {
            ObjectNode transition = Json.object();
            transition.set("target_prompts", target);
            steps.ifPresent(count -> transition.set("num_steps", count));
            method.ifPresent(name -> transition.set("temporal_interpolation_method", name));
            say(chunk, where, "transition", Parameters.TRANSITION, transition);
        }
    }

    private void pictures(String list, String parameter) {
        for (Body entry : body.objects(list, MOST_ENTRIES)) {
            JsonNode path = entry.member(IMAGE).orElseThrow(() -> entry.missing(IMAGE));
            say(chunk(entry, Optional.empty()), entry, IMAGE, parameter, path);
        }
    }

    private void references() {
        for (Body entry : body.objects(REFERENCES, MOST_ENTRIES)) {
            JsonNode paths = entry.member("images").orElseThrow(() -> entry.missing("images"));
            say(chunk(entry, Optional.of(0L)), entry, "images", REFERENCES, paths);
        }
    }

    /** Everything for one chunk in one place; what stands in it is called as in the rest of the request. */
    private void chunkSpec(Body entry) {
        long chunk = chunk(entry, Optional.empty());
        if (entry.member("text").isPresent() || entry.member("prompts").isPresent()) {
            prompt(chunk, entry);
        }
        entry.object(Parameters.TRANSITION)
                .ifPresent(transition -> transition(
                        chunk,
                        entry,
                        transition.path("target_prompts"),
                        present(transition, "num_steps"),
                        present(transition, "temporal_interpolation_method")));
        entry.member("transition_target_prompts")
                .ifPresent(target -> transition(
                        chunk,
                        entry,
                        target,
                        entry.member("transition_num_steps"),
                        entry.member("transition_temporal_interpolation_method")
                                .or(() -> entry.member("transition_method"))));
        entry.json().properties().forEach(member -> chunkValue(chunk, entry, member.getKey()));
    }

    private static Optional<JsonNode> present(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).filter(value -> !value.isNull());
    }

    private void chunkValue(long chunk, Body entry, String name) {
        Optional<JsonNode> value = entry.member(name);
        boolean read = Set.of(CHUNK, "text", "prompts").contains(name) || name.startsWith(Parameters.TRANSITION);
        if (value.isEmpty() || read) {
            return;
        }
        if (ARRAYS.contains(name) || name.endsWith("_offset") || name.endsWith("_shape")) {
            throw noArrays(entry, name);
        }
        switch (name) {
            case CommonParameters.SEED, CommonParameters.BASE_SEED ->
                seedName().ifPresent(seed -> say(chunk, entry, name, seed, value.get()));
            case CommonParameters.DENOISING_STEPS ->
                say(chunk, entry, name, CommonParameters.DENOISING_STEP_LIST, value.get());
            case CommonParameters.LORA_SCALES -> loras.at(chunk, entry, value.get());
            default -> say(chunk, entry, name, name, value.get());
        }
    }

    private Refused noArrays(Body where, String name) {
        return noArrays(where, name, spec);
    }

    /** Arrays by chunk are for pipelines with VACE. */
    static Refused noArrays(Body where, String name, PipelineSpec spec) {
        return where.invalid(
                name,
                "value_error",
                "Pipeline '" + spec.id() + "' takes no control frames; leave " + name + " away",
                JsonNodeFactory.instance.textNode("(an array)"));
    }

    private static long chunk(Body entry, Optional<Long> fallback) {
        return entry.whole(CHUNK, 0, Integer.MAX_VALUE).or(() -> fallback).orElseThrow(() -> entry.missing(CHUNK));
    }

    private List<JsonNode> list(String name) {
        JsonNode list = body.member(name).orElse(JsonNodeFactory.instance.arrayNode());
        if (!list.isArray() || list.size() > MOST_ENTRIES) {
            throw body.invalid(name, "list_type", "Input should be a list of at most " + MOST_ENTRIES, list);
        }
        return list.valueStream().toList();
    }

    private void say(long chunk, Body where, String member, String parameter, JsonNode value) {
        if (chunk < chunks && usable(where, member, parameter, value)) {
            JsonNode said = resolved(where, member, parameter, value);
            sparse.merge(chunk, Parameters.none().with(parameter, said), Parameters::merge);
        }
    }

    /** Whether the pipeline gets to know it; refuses what it cannot follow. */
    private boolean usable(Body where, String member, String parameter, JsonNode value) {
        if (OF_VIDEO.contains(parameter) && !video) {
            return false;
        }
        if (known.contains(parameter)) {
            return true;
        }
        if (NEUTRAL.getOrDefault(parameter, any -> false).test(value)) {
            return false;
        }
        throw where.invalid(
                member, "value_error", "Pipeline '" + spec.id() + "' has no " + parameter + "; leave it away", value);
    }

    private JsonNode resolved(Body where, String member, String parameter, JsonNode value) {
        return switch (parameter) {
            case FIRST_FRAME, LAST_FRAME -> picture(where, member, value);
            case REFERENCES -> {
                if (!value.isArray() || value.size() > MOST_IMAGES) {
                    throw where.invalid(
                            member, "list_type", "Input should be a list of at most " + MOST_IMAGES + " paths", value);
                }
                ArrayNode paths = JsonNodeFactory.instance.arrayNode();
                value.forEach(path -> paths.add(picture(where, member, path)));
                yield paths;
            }
            default -> value;
        };
    }

    private JsonNode picture(Body where, String member, JsonNode path) {
        if (!path.isTextual()) {
            throw where.invalid(member, "string_type", "Input should be the path of an asset", path);
        }
        try {
            return JsonNodeFactory.instance.textNode(images.apply(path.textValue()));
        } catch (StoreRefused refused) {
            throw where.invalid(member, "value_error", "No such asset: " + refused.getMessage(), path);
        }
    }

    private void loras() {
        List<JsonNode> byChunk = loras.byChunk(chunks);
        if (byChunk.isEmpty()) {
            return;
        }
        JsonNode last = byChunk.get(byChunk.size() - 1);
        if (usable(body, CommonParameters.LORA_SCALES, CommonParameters.LORA_SCALES, last)) {
            schedule = schedule.steady(CommonParameters.LORA_SCALES, byChunk);
        }
    }

    private static boolean is(JsonNode value, double number) {
        return value.isNumber() && value.doubleValue() == number;
    }
}
