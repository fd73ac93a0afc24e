package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.comfy.graph.OutputNode;
import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.MediaFolder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What output nodes ask for, as what a job keeps. */
final class Keeps {
    private static final String PREVIEW_PREFIX = "ComfyUI";

    /** Of what VHS writes without being asked how good. */
    private static final int WEBP_QUALITY = 80;

    private static final int WEBM_CRF = 32;

    /** Of pictures that are no video, as jobs are listed. */
    private static final int STILL_FPS = 8;

    private final Map<String, String> text;

    /**
     * @param prompt the graph, which every picture carries
     * @param extraData its {@code extra_pnginfo} too
     */
    Keeps(JsonNode prompt, ObjectNode extraData) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("prompt", prompt.toString());
        extraData
                .path("extra_pnginfo")
                .properties()
                .forEach(entry -> all.put(entry.getKey(), entry.getValue().toString()));
        this.text = Map.copyOf(all);
    }

    Keep of(OutputNode node) {
        String id = node.id();
        OutputNode.Saving saving = node.saving();
        if (saving instanceof OutputNode.Pictures pictures) {
            return new Keep.Pictures(id, output(pictures.prefix()), text);
        } else if (saving instanceof OutputNode.Preview) {
            return new Keep.Pictures(id, filed(MediaFolder.TEMP, PREVIEW_PREFIX), text);
        } else if (saving instanceof OutputNode.Socket) {
            return new Keep.Pictures(id, Optional.empty(), Map.of());
        } else if (saving instanceof OutputNode.Webp webp) {
            return new Keep.Webp(
                    id,
                    output(webp.prefix()),
                    webp.fps(),
                    webp.lossless(),
                    webp.quality(),
                    WebpWriter.Effort.valueOf(webp.method().toUpperCase(Locale.ROOT)));
        } else if (saving instanceof OutputNode.Webm webm) {
            return new Keep.Webm(id, output(webm.prefix()), webm.fps(), codec(webm.codec()), webm.crf());
        } else if (saving instanceof OutputNode.Mp4 mp4) {
            return new Keep.Mp4(id, output(mp4.prefix()), mp4.fps());
        }
        return combined(id, (OutputNode.Combined) saving);
    }

    private static Keep combined(String id, OutputNode.Combined video) {
        Optional<Filing> filing = filed(video.kept() ? MediaFolder.OUTPUT : MediaFolder.TEMP, video.prefix());
        return switch (video.format()) {
            case "video/webm" -> new Keep.Webm(id, filing, video.fps(), WebmWriter.Codec.VP9, WEBM_CRF);
            case "video/av1-webm" -> new Keep.Webm(id, filing, video.fps(), WebmWriter.Codec.AV1, WEBM_CRF);
            case "image/gif" -> new Keep.Gif(id, filing, video.fps());
            case "image/webp" -> new Keep.Webp(id, filing, video.fps(), false, WEBP_QUALITY, WebpWriter.Effort.DEFAULT);
            default -> new Keep.Mp4(id, filing, video.fps());
        };
    }

    private static WebmWriter.Codec codec(String name) {
        return name.equals("av1") ? WebmWriter.Codec.AV1 : WebmWriter.Codec.VP9;
    }

    private static Optional<Filing> output(String prefix) {
        return filed(MediaFolder.OUTPUT, prefix);
    }

    private static Optional<Filing> filed(MediaFolder folder, String prefix) {
        return Optional.of(new Filing(folder, prefix, Map.of()));
    }

    /** Frames per second of the first video among the outputs. */
    static int fps(List<OutputNode> nodes) {
        for (OutputNode node : nodes) {
            double fps = 0;
            if (node.saving() instanceof OutputNode.Mp4 mp4) {
                fps = mp4.fps();
            } else if (node.saving() instanceof OutputNode.Webm webm) {
                fps = webm.fps();
            } else if (node.saving() instanceof OutputNode.Webp webp) {
                fps = webp.fps();
            } else if (node.saving() instanceof OutputNode.Combined combined) {
                fps = combined.fps();
            }
            if (fps > 0) {
                return (int) Math.max(1, Math.round(fps));
            }
        }
        return STILL_FPS;
    }
}
