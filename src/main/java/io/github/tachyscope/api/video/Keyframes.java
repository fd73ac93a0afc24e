package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.session.job.JobPlan;
import java.util.HashSet;
import java.util.Set;

/**
 * Prompts that a request has for later chunks, our own key {@code keyframes} of {@code extra_params}.
 *
 * <pre>
 *   [{"chunk": 3, "prompt": "a dog", "transition_chunks": 2}]
 *
 *   chunk           0    1    2    3    4    5    6
 *   shows           cat  cat  cat  cat  half dog  dog     with 0 chunks: cat cat cat dog dog dog dog
 * </pre>
 *
 * <p>Chunks beyond the end are left out; a pipeline without prompts ignores all of them.
 */
final class Keyframes {
    static final String KEY = "keyframes";

    /** Most of one request; protects the log, which keeps them. */
    private static final int MOST = 1000;

    private static final int LONGEST_PROMPT = 5000;
    private static final int LONGEST_TRANSITION = 1000;
    private static final int LAST_CHUNK = 1_000_000;

    private Keyframes() {}

    /**
     * @param schedule to say it in
     * @param chunks of the job
     * @throws FieldRejected if they cannot be understood
     */
    static ParameterSchedule add(
            ParameterSchedule schedule, VideoRequest request, PipelineSpec spec, ChunkGeometry geometry, long chunks) {
        JsonNode given = request.extra().get(KEY);
        if (given == null) {
            return schedule;
        }
        if (!given.isArray() || given.size() > MOST) {
            throw rejected("", "must be a list of at most " + MOST + " objects with chunk and prompt");
        }
        Set<String> known = new HashSet<>();
        spec.parameters().parameters().stream().map(ParameterSpec::name).forEach(known::add);
        Set<Long> seen = new HashSet<>();
        ParameterSchedule all = schedule;
        for (int i = 0; i < given.size(); i++) {
            JsonNode keyframe = given.get(i);
            String name = "[" + i + "]";
            long chunk = whole(keyframe, name, "chunk", -1, LAST_CHUNK);
            long transition = whole(keyframe, name, "transition_chunks", 0, LONGEST_TRANSITION);
            String prompt = keyframe.path("prompt").asText("").strip();
            if (!keyframe.path("prompt").isTextual() || prompt.isEmpty() || prompt.length() > LONGEST_PROMPT) {
                throw rejected(name + ".prompt", "must be a text of 1 to " + LONGEST_PROMPT + " characters");
            }
            if (!seen.add(chunk)) {
                throw rejected(name + ".chunk", "is " + chunk + " like that of an earlier one; allowed is one a chunk");
            }
            if (chunk < chunks && known.contains(Parameters.PROMPTS)) {
                boolean glides = transition > 0 && chunk > 0 && known.contains(Parameters.TRANSITION);
                all = all.keyframe(chunk, glides ? glide(prompt, transition, geometry) : jump(prompt));
            }
        }
        return all;
    }

    private static long whole(JsonNode keyframe, String name, String field, long fallback, long most) {
        JsonNode value = keyframe.path(field);
        boolean absent = value.isMissingNode() || value.isNull();
        long number = absent ? fallback : value.asLong(-1);
        if (!absent && (!value.isNumber() || value.doubleValue() != number) || number < 0 || number > most) {
            throw rejected(name + "." + field, "must be a whole number from 0 to " + most);
        }
        return number;
    }

    private static FieldRejected rejected(String place, String message) {
        return new FieldRejected("extra_params." + KEY + place, message);
    }

    private static Parameters jump(String prompt) {
        return Parameters.none().with(Parameters.PROMPTS, VideoPlan.prompts(prompt));
    }

    /** A transition begins with a chunk that shows its source, and counts in chunks of the pipeline. */
    private static Parameters glide(String prompt, long chunks, ChunkGeometry geometry) {
        long group = JobPlan.chunking(geometry).framesOut() / geometry.framesOut();
        ObjectNode transition = JsonNodeFactory.instance.objectNode();
        transition.set("target_prompts", VideoPlan.prompts(prompt));
        transition.put("num_steps", chunks * group + 1).put("temporal_interpolation_method", "linear");
        return Parameters.none().with(Parameters.TRANSITION, transition);
    }
}
