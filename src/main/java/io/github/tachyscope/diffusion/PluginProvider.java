package io.github.tachyscope.diffusion;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A provider out of a jar, and all that comes from it, behind the {@link PluginDoor}.
 *
 * @param spec as it was when the jar was found; the plugin is not asked again
 */
record PluginProvider(PipelineProvider original, PipelineSpec spec, PluginDoor door) implements PipelineProvider {
    private static final Logger log = LoggerFactory.getLogger(PluginProvider.class);

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        try {
            Pipeline loaded = door.enter(() -> original.load(parameters, placement, progress));
            return new LoadedPlugin(Objects.requireNonNull(loaded, "load gave nothing"), spec, door);
        } catch (PluginDoor.Broken broken) {
            log.error("pipeline {} of plugin {} did not load", spec.id(), door.plugin(), broken);
            throw new PipelineLoadFailed(
                    "the plugin " + door.plugin() + " does not work with this server; use a version built for it",
                    broken);
        }
    }

    private record LoadedPlugin(Pipeline original, PipelineSpec spec, PluginDoor door) implements Pipeline {
        @Override
        public Generation open(GenerationRequest request) {
            Generation opened = door.enter(() -> original.open(request));
            return new OpenPlugin(Objects.requireNonNull(opened, "open gave nothing"), door);
        }

        @Override
        public List<StepResult> run(Lane lane, List<Generation> batch) {
            List<Generation> inside = batch.stream()
                    .map(generation -> ((OpenPlugin) generation).original())
                    .toList();
            return door.enter(() -> {
                List<StepResult> results = new ArrayList<>();
                for (StepResult result : original.run(lane, inside)) {
                    results.add(new PluginResult(result, List.copyOf(result.frames()), door));
                }
                return results;
            });
        }

        @Override
        public void close() {
            door.run(original::close);
        }
    }

    private record PluginResult(StepResult original, List<VideoFrame> frames, PluginDoor door) implements StepResult {
        @Override
        public void discard() {
            door.run(original::discard);
        }
    }

    private record OpenPlugin(Generation original, PluginDoor door) implements Generation {
        @Override
        public NextStep next(Lane lane) {
            return door.enter(() -> Objects.requireNonNull(original.next(lane), "next gave nothing"));
        }

        @Override
        public void begin(Lane lane) {
            door.run(() -> original.begin(lane));
        }

        @Override
        public void feed(List<VideoFrame> frames) {
            door.run(() -> original.feed(frames));
        }

        @Override
        public void demand() {
            door.run(original::demand);
        }

        @Override
        public void patch(Parameters patch) {
            door.run(() -> original.patch(patch));
        }

        @Override
        public void economize(Set<Economy> economies) {
            door.run(() -> original.economize(economies));
        }

        @Override
        public void commit(StepResult result) {
            door.run(() -> original.commit(((PluginResult) result).original()));
        }

        @Override
        public void dropChunk() {
            door.run(original::dropChunk);
        }

        @Override
        public void close() {
            door.run(original::close);
        }
    }
}
