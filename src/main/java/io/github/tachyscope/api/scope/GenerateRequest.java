package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.media.ChunkMp4;
import java.util.List;
import java.util.Optional;

/**
 * What a generate request says besides its arrays and its values by chunk, which {@link GenerateSchedule} reads.
 *
 * @param frames wanted, exactly
 * @param height as asked for
 * @param width as asked for
 * @param answer form of the result
 * @param preview whether progress shows a small picture
 * @param fps of an MP4
 * @param inputPath an upload in the place of {@code input_video}
 * @param blobPath an upload that holds arrays
 */
record GenerateRequest(
        Body body,
        String pipelineId,
        int frames,
        Optional<Integer> height,
        Optional<Integer> width,
        Answer answer,
        boolean preview,
        int fps,
        Optional<String> inputPath,
        Optional<String> blobPath) {
    /** Forms of the result. */
    enum Answer {
        /** Events; the last one carries the video as base64 of float32. */
        BASE64,
        /** Events; the last one names a file to download. */
        PATH,
        /** The video itself. */
        MP4
    }

    /** Most frames of one request; protects disks. More get 422. */
    static final int MOST_FRAMES = 10_000;

    private static final int FRAMES = 64;
    private static final int LEAST_SIDE = 64;
    private static final int MOST_SIDE = 2048;
    private static final int FPS = 16;

    /** @param accepted the header Accept */
    static GenerateRequest read(Body body, Optional<String> accepted) {
        if (body.member("prompt").isEmpty()) {
            throw body.missing("prompt");
        }
        for (String processor : List.of("pre_processor_id", "post_processor_id")) {
            body.text(processor)
                    .filter(id -> !id.isEmpty() && !id.equals("none"))
                    .ifPresent(id -> {
                        throw body.invalid(
                                processor,
                                "value_error",
                                "Generation runs one pipeline, without others before or after it; leave " + processor
                                        + " away",
                                TextNode.valueOf(id));
                    });
        }
        return new GenerateRequest(
                body,
                body.requiredText("pipeline_id"),
                body.whole("num_frames", 1, MOST_FRAMES).orElse((long) FRAMES).intValue(),
                body.whole("height", LEAST_SIDE, MOST_SIDE).map(Long::intValue),
                body.whole("width", LEAST_SIDE, MOST_SIDE).map(Long::intValue),
                answer(body, accepted),
                body.flag("preview").orElse(false),
                body.whole("fps", 1, ChunkMp4.MAX_FPS).orElse((long) FPS).intValue(),
                body.text("input_path"),
                body.text("data_blob_path"));
    }

    private static Answer answer(Body body, Optional<String> accepted) {
        Optional<String> format = body.text("output_format");
        if (format.isPresent()) {
            return switch (format.get()) {
                case "base64" -> Answer.BASE64;
                case "path" -> Answer.PATH;
                case "mp4" -> Answer.MP4;
                default ->
                    throw body.invalid(
                            "output_format",
                            "literal_error",
                            "Input should be base64, path or mp4",
                            TextNode.valueOf(format.get()));
            };
        }
        if (accepted.filter(types -> types.contains("video/mp4")).isPresent()) {
            return Answer.MP4;
        }
        // Clients that know these fields expect a file to download.
        boolean later = List.of("input_path", "data_blob_path", "chunk_specs").stream()
                .anyMatch(name -> body.member(name).isPresent());
        return later ? Answer.PATH : Answer.BASE64;
    }

    /**
     * The size of the pictures; sides that the pipeline cannot have are rounded down, as when it is loaded.
     *
     * @param loaded size of the loaded pipeline, for a side that is not given
     * @return empty for that of the loaded pipeline
     */
    Optional<PictureSize> size(PipelineSpec spec, PictureSize loaded) {
        if (width.isEmpty() && height.isEmpty()) {
            return Optional.empty();
        }
        PictureSize size = new PictureSize(
                width.map(side -> fitting(side, spec)).orElse(loaded.width()),
                height.map(side -> fitting(side, spec)).orElse(loaded.height()));
        return size.equals(loaded) ? Optional.empty() : Optional.of(size);
    }

    private static int fitting(int side, PipelineSpec spec) {
        return Math.max(1, side / spec.dimensionMultiple()) * spec.dimensionMultiple();
    }

    /** What lists show. */
    String prompt() {
        JsonNode prompt = body.member("prompt").orElseThrow();
        JsonNode first = prompt.isArray() && !prompt.isEmpty() ? prompt.get(0) : prompt;
        return first.isTextual() ? first.textValue() : first.path("text").asText("");
    }

    /** The first seed. */
    long seed() {
        return body.member("seed")
                .map(seed -> seed.isArray() ? seed.path(0) : seed)
                .map(JsonNode::asLong)
                .orElse(GenerateSchedule.SEED);
    }
}
