package io.github.tachyscope.api.video;

import io.github.tachyscope.config.VideoSettings;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.JobDesk;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Which pipeline a request means by its model: the first of the loaded chain goes by the served name, by every alias and
 * by its id, the others by their ids.
 */
public final class ServedModel {
    /** What a name leads to. */
    public sealed interface Answer {}

    /** @param name for answers */
    public record Served(String name, PipelineSpec spec) implements Answer {}

    /** Another model is served; the message says which. */
    public record Mismatch(String message) implements Answer {}

    /** No pipeline is loaded. */
    public record NotLoaded(Problem problem) implements Answer {}

    private final VideoSettings settings;
    private final JobDesk desk;

    public ServedModel(VideoSettings settings, JobDesk desk) {
        this.settings = settings;
        this.desk = desk;
    }

    /** The model that requests mean which name none. */
    public CompletionStage<Answer> any() {
        return desk.pipeline(Optional.empty())
                .thenApply(resolution -> resolution instanceof JobDesk.Found found
                        ? new Served(settings.model().orElse(found.spec().id()), found.spec())
                        : new NotLoaded(((JobDesk.Missing) resolution).problem()));
    }

    /** The model of a request. */
    public CompletionStage<Answer> named(Optional<String> model) {
        return any().thenCompose(first -> {
            if (!(first instanceof Served served) || model.isEmpty() || goesBy(served, model.get())) {
                return CompletableFuture.completedFuture(first);
            }
            return desk.pipeline(model)
                    .thenApply(resolution -> resolution instanceof JobDesk.Found found
                            ? new Served(found.spec().id(), found.spec())
                            : new Mismatch(
                                    "Model mismatch: this server serves \"" + served.name() + "\". Leave model out, or"
                                            + " name that; further names are set in tachyscope.video.model-aliases."));
        });
    }

    private boolean goesBy(Served served, String name) {
        return name.equals(served.name())
                || name.equals(served.spec().id())
                || settings.modelAliases().contains(name);
    }
}
