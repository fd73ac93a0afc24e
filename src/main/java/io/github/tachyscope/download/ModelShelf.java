package io.github.tachyscope.download;

import io.github.tachyscope.config.KnownModel;
import io.github.tachyscope.config.ModelCatalogue;
import io.github.tachyscope.store.ModelStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What pipelines need, and what of it is there. Its questions read the disk. */
public final class ModelShelf {
    private final ModelCatalogue catalogue;
    private final ModelStore store;
    private final Map<String, String> aliases;

    /** @param aliases further ids of pipelines */
    public ModelShelf(ModelCatalogue catalogue, ModelStore store, Map<String, String> aliases) {
        this.catalogue = catalogue;
        this.store = store;
        this.aliases = Map.copyOf(aliases);
    }

    /** A known model, and whether it is there. */
    public record Shelved(KnownModel model, boolean present) {}

    public List<Shelved> all() {
        return catalogue.models().stream()
                .map(model -> new Shelved(model, isThere(model)))
                .toList();
    }

    /** Whether the catalogue names models that the pipeline cannot start without. */
    public boolean needsModels(String pipelineId) {
        return !needed(pipelineId).isEmpty();
    }

    /** Whether everything is there that the pipeline cannot start without. */
    public boolean isComplete(String pipelineId) {
        return needed(pipelineId).stream().allMatch(this::isThere);
    }

    private boolean isThere(KnownModel model) {
        return store.present(model.repository(), model.files());
    }

    private List<KnownModel> needed(String pipelineId) {
        String known = aliases.getOrDefault(pipelineId, pipelineId);
        return catalogue.of(known).stream()
                .filter(model -> model.neededBy().contains(known))
                .toList();
    }

    /** What to fetch for a pipeline; empty if it needs nothing that the catalogue names. */
    public Optional<DownloadRequest> pipeline(String pipelineId) {
        List<KnownModel> needed = needed(pipelineId);
        return needed.isEmpty() ? Optional.empty() : Optional.of(request(pipelineId, needed));
    }

    /** What to fetch for one model of the catalogue. */
    public Optional<DownloadRequest> model(String modelId) {
        return catalogue.find(modelId).map(model -> request(modelId, List.of(model)));
    }

    /** Models of one repository become one source: two would write to one folder. */
    private static DownloadRequest request(String id, List<KnownModel> models) {
        Map<String, Source> sources = new LinkedHashMap<>();
        for (KnownModel model : models) {
            sources.merge(
                    model.repository() + "@" + model.revision(),
                    new Source.Repository(model.repository(), model.revision(), model.files()),
                    ModelShelf::both);
        }
        return new DownloadRequest(id, List.copyOf(sources.values()));
    }

    private static Source both(Source first, Source second) {
        Source.Repository one = (Source.Repository) first;
        List<String> files = new ArrayList<>(one.files());
        files.addAll(((Source.Repository) second).files());
        return new Source.Repository(one.repository(), one.revision(), List.copyOf(files));
    }
}
