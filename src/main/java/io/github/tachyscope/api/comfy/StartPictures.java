package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.comfy.graph.CheckedGraph;
import io.github.tachyscope.api.comfy.graph.GraphPlan;
import io.github.tachyscope.api.comfy.graph.PictureSource;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.MediaRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The pictures that a graph loads, each as its job begins with it. */
final class StartPictures {
    private StartPictures() {}

    /**
     * Reads, scales and stores all of them; blocks.
     *
     * @param files where a picture is, by its name in graphs
     * @param folder makes the place for them
     * @throws Stopped if one is gone or cannot be used
     */
    static Map<PictureSource, StartPicture> of(
            GraphPlan plan,
            CheckedGraph graph,
            Function<String, Optional<Path>> files,
            InputLimits limits,
            Supplier<Path> folder)
            throws IOException {
        List<PictureSource> wanted = Stream.concat(
                        plan.samplings().stream().flatMap(sampling -> sampling.start().stream()),
                        plan.passed().stream().map(passed -> passed.picture()))
                .distinct()
                .toList();
        Map<PictureSource, StartPicture> pictures = new HashMap<>();
        for (PictureSource source : wanted) {
            String type = graph.type(source.node()).orElse("LoadImage");
            Path from = files.apply(source.file())
                    .orElseThrow(() -> new Stopped(source.node(), type, "The picture is not there any more."));
            Path to = folder.get().resolve("picture-" + pictures.size() + ".png");
            try {
                pictures.put(source, StartPicture.of(from, source, limits, to));
            } catch (MediaRefused refused) {
                throw new Stopped(source.node(), type, "The picture cannot be used: " + refused.getMessage());
            }
        }
        return pictures;
    }
}
