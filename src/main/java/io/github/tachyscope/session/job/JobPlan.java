package io.github.tachyscope.session.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.frame.PictureSize;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the result of a job depends on: equal plans make equal results.
 *
 * @param pipeline id of a loaded pipeline
 * @param mode {@code VIDEO} takes {@code footage}, {@code TEXT} takes none
 * @param size of the pictures; empty means that of the loaded pipeline
 * @param frames to make, exactly
 * @param fps of the video that comes out, and of footage that is a video
 * @param schedule parameters by chunk, checked against the pipeline
 * @param output what is kept
 * @param encoder wishes for the H.264 encoder, see {@link io.github.tachyscope.media.H264Options}
 */
public record JobPlan(
        String pipeline,
        InputMode mode,
        Optional<PictureSize> size,
        long frames,
        int fps,
        ParameterSchedule schedule,
        Optional<Footage> footage,
        Output output,
        Map<String, String> encoder) {
    /** What a job keeps of its frames. */
    public enum Output {
        /** {@code video.mp4} and {@code thumbnail.jpg}. */
        MP4,
        /** {@code frames.rgb}, bytes {@code [frames, height, width, 3]}, and {@code thumbnail.jpg}. */
        RAW
    }

    /** A chunk of fewer frames than this is not worth a message. */
    private static final int FEW_FRAMES = 8;

    /** What models make that work by chunks. */
    private static final int USUAL_FRAMES = 12;

    private static final ObjectMapper JSON = new ObjectMapper();

    public JobPlan {
        encoder = Map.copyOf(encoder);
        if (frames < 1 || fps < 1) {
            throw new IllegalArgumentException(frames + " frames at " + fps + " fps");
        }
        if (footage.isPresent() != (mode == InputMode.VIDEO)) {
            throw new IllegalArgumentException("footage and mode " + mode + " do not fit");
        }
    }

    /**
     * The chunks of a job on a pipeline of that geometry. One that makes a frame or a few at a time is asked for several
     * in a row: a key frame, a message and a change of parameters for each single frame serve nobody.
     */
    public static ChunkGeometry chunking(ChunkGeometry pipeline) {
        int group = group(pipeline);
        int more = group - 1;
        return new ChunkGeometry(
                pipeline.firstFramesIn() + more * pipeline.framesIn(),
                group * pipeline.framesIn(),
                pipeline.firstFramesOut() + more * pipeline.framesOut(),
                group * pipeline.framesOut());
    }

    /** Chunks of the pipeline in one of a job. */
    static int group(ChunkGeometry pipeline) {
        int frames = pipeline.framesOut();
        return frames >= FEW_FRAMES ? 1 : (USUAL_FRAMES + frames - 1) / frames;
    }

    /** Chunks that the frames take. */
    public static long chunks(long frames, ChunkGeometry pipeline) {
        return chunking(pipeline).chunks(frames);
    }

    /** The frames of so many chunks; to round a wish up to whole ones. */
    public static long frames(long chunks, ChunkGeometry pipeline) {
        ChunkGeometry chunking = chunking(pipeline);
        return chunking.firstFramesOut() + (chunks - 1) * chunking.framesOut();
    }

    /** For keeping; {@link #parse} reads it. */
    public String toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("pipeline", pipeline).put("mode", mode.wireName());
        size.ifPresent(own -> json.put("width", own.width()).put("height", own.height()));
        json.put("frames", frames).put("fps", fps).put("output", output.name());
        json.set("schedule", schedule.toJson());
        footage.ifPresent(source -> json.set("footage", source.toJson()));
        ObjectNode wishes = json.putObject("encoder");
        encoder.forEach(wishes::put);
        return json.toString();
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static JobPlan parse(String text) {
        JsonNode json = tree(text);
        Map<String, String> encoder = new LinkedHashMap<>();
        json.path("encoder")
                .properties()
                .forEach(wish -> encoder.put(wish.getKey(), wish.getValue().asText()));
        return new JobPlan(
                json.path("pipeline").asText(),
                InputMode.ofWireName(json.path("mode").asText())
                        .orElseThrow(() -> new IllegalArgumentException("not a plan of a job")),
                json.has("width")
                        ? Optional.of(new PictureSize(
                                json.path("width").asInt(), json.path("height").asInt()))
                        : Optional.empty(),
                json.path("frames").asLong(),
                json.path("fps").asInt(),
                ParameterSchedule.fromJson(json.path("schedule")),
                json.has("footage") ? Optional.of(Footage.fromJson(json.path("footage"))) : Optional.empty(),
                Output.valueOf(json.path("output").asText()),
                encoder);
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("not a plan of a job", broken);
        }
    }
}
