package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.ResultLabel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a completed prompt made, by the node that asked for it. */
final class Outputs {
    private static final Set<String> PICTURES = Set.of("SaveImage", "PreviewImage");
    private static final String VHS = "VHS_VideoCombine";

    /** A file as clients address it. */
    private record Shown(ResultFile file, ResultLabel.Filed place) {
        ObjectNode json() {
            return Messages.object()
                    .put("filename", place.name())
                    .put("subfolder", place.subfolder())
                    .put("type", place.folder().wireName());
        }
    }

    private final Map<String, List<ResultFile>> byNode = new LinkedHashMap<>();

    Outputs(Job job) {
        for (ResultFile file : job.files()) {
            byNode.computeIfAbsent(ResultLabel.of(file).source(), node -> new ArrayList<>())
                    .add(file);
        }
    }

    /** The files of a node, in the order of the pictures. */
    List<ResultFile> files(String node) {
        return byNode.getOrDefault(node, List.of());
    }

    /** What clients are told of a node; nothing for one that only sends. */
    Optional<ObjectNode> shown(Act act) {
        List<Shown> shown = shown(act.node());
        if (act.kind() != Act.Kind.OUTPUT || act.sends()) {
            return Optional.empty();
        }
        ObjectNode output = Messages.object();
        ArrayNode list = output.putArray(act.type().equals(VHS) ? "gifs" : "images");
        for (Shown each : shown) {
            ObjectNode json = each.json();
            if (act.type().equals(VHS)) {
                json.put("format", format(each.file()));
            }
            list.add(json);
        }
        if (!PICTURES.contains(act.type()) && !act.type().equals(VHS)) {
            output.putArray("animated").add(true);
        }
        return Optional.of(output);
    }

    private List<Shown> shown(String node) {
        return files(node).stream()
                .flatMap(file -> ResultLabel.of(file).filed().map(place -> new Shown(file, place)).stream())
                .toList();
    }

    private static String format(ResultFile file) {
        return switch (file.mediaType()) {
            case "video/mp4" -> "video/h264-mp4";
            default -> file.mediaType();
        };
    }

    /** {@code outputs} of the history: node to what it made. */
    ObjectNode json(List<Act> acts) {
        ObjectNode json = Messages.object();
        acts.forEach(act -> shown(act).ifPresent(output -> json.set(act.node(), output)));
        return json;
    }
}
