package io.github.tachyscope.session.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.frame.PictureSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that pictures of a job depend on: equal plans make equal pictures.
 *
 * @param pipeline its id
 * @param load how it must have been loaded, and is if it is not; empty means as it is loaded now
 * @param mode {@code VIDEO} takes {@code footage}, {@code TEXT} takes none
 * @param size of the pictures; empty means that of the loaded pipeline
 * @param frames to make, exactly
 * @param fps of footage that is a video, and of the pictures as the job is listed
 * @param schedule parameters by chunk, checked against the pipeline
 * @param keep what is kept of the frames, 1 to {@value #MAX_KEEPS}
 * @param encoder wishes for the H.264 encoder, see {@link io.github.tachyscope.media.H264Options}
 * @param previews what is shown meanwhile
 */
public record JobPlan(
        String pipeline,
        Optional<Parameters> load,
        InputMode mode,
        Optional<PictureSize> size,
        long frames,
        int fps,
        ParameterSchedule schedule,
        Optional<Footage> footage,
        List<Keep> keep,
        Map<String, String> encoder,
        Optional<Previews> previews) {
    /** Most forms in which the same frames are kept; protects open files and encoders. */
    public static final int MAX_KEEPS = 16;

    /** A chunk of fewer frames than this is not worth a message. */
    private static final int FEW_FRAMES = 8;

    /** What models make that work by chunks. */
    private static final int USUAL_FRAMES = 12;

    public JobPlan {
        keep = List.copyOf(keep);
        encoder = Map.copyOf(encoder);
        if (keep.isEmpty() || keep.size() > MAX_KEEPS) {
            throw new IllegalArgumentException(keep.size() + " keeps; allowed are 1 to " + MAX_KEEPS);
        }
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

    /** For keeping; {@link #fromJson} reads it. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("pipeline", pipeline).put("mode", mode.wireName());
        load.ifPresent(wanted -> json.set("load", wanted.toJson()));
        size.ifPresent(own -> json.put("width", own.width()).put("height", own.height()));
        json.put("frames", frames).put("fps", fps);
        json.set("schedule", schedule.toJson());
        footage.ifPresent(source -> json.set("footage", source.toJson()));
        ArrayNode kept = json.putArray("keep");
        keep.forEach(each -> kept.add(KeepJson.of(each)));
        json.set("encoder", KeepJson.texts(encoder));
        previews.ifPresent(shown -> json.set("previews", shown.toJson()));
        return json;
    }

    /**
     * What {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static JobPlan fromJson(JsonNode json) {
        int fps = json.path("fps").asInt();
        return new JobPlan(
                json.path("pipeline").asText(),
                json.has("load") ? Optional.of(Parameters.of(json.path("load"))) : Optional.empty(),
                InputMode.ofWireName(json.path("mode").asText())
                        .orElseThrow(() -> new IllegalArgumentException("not a plan of a job")),
                json.has("width")
                        ? Optional.of(new PictureSize(
                                json.path("width").asInt(), json.path("height").asInt()))
                        : Optional.empty(),
                json.path("frames").asLong(),
                fps,
                ParameterSchedule.fromJson(json.path("schedule")),
                json.has("footage") ? Optional.of(Footage.fromJson(json.path("footage"))) : Optional.empty(),
                keep(json, fps),
                KeepJson.texts(json.path("encoder")),
                json.has("previews") ? Optional.of(Previews.fromJson(json.path("previews"))) : Optional.empty());
    }

    private static List<Keep> keep(JsonNode json, int fps) {
        List<Keep> keep = new ArrayList<>();
        json.path("keep").forEach(each -> keep.add(KeepJson.read(each)));
        if (keep.isEmpty()) {
            // A request of the time when one form was kept, which had a name alone.
            keep.add(
                    switch (json.path("output").asText()) {
                        case "MP4" -> new Keep.Mp4("", Optional.empty(), fps);
                        case "RAW" -> new Keep.Raw("", Optional.empty());
                        default -> throw new IllegalArgumentException("not a plan of a job");
                    });
        }
        return keep;
    }
}
