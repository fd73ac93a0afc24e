package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.api.comfy.graph.Offer;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.store.MediaFolder;
import io.github.tachyscope.store.MediaFolders;
import io.github.tachyscope.store.StoreRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What graphs can choose from now. All methods block. */
final class Offers {
    private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "webp", "gif", "bmp");

    /** What the usual graphs name, where no pipeline says what it has. */
    private static final List<String> USUAL_SAMPLERS =
            List.of("euler", "euler_ancestral", "lcm", "uni_pc", "uni_pc_bh2");

    private static final List<String> USUAL_SCHEDULERS = List.of("simple", "normal", "sgm_uniform", "karras");

    private final ModelNames names;
    private final MediaFolders folders;
    private final List<String> samplers;
    private final List<String> schedulers;

    Offers(ModelNames names, MediaFolders folders, List<PipelineSpec> pipelines) {
        this.names = names;
        this.folders = folders;
        this.samplers = choices(pipelines, "sampler", USUAL_SAMPLERS);
        this.schedulers = choices(pipelines, "scheduler", USUAL_SCHEDULERS);
    }

    private static List<String> choices(List<PipelineSpec> pipelines, String parameter, List<String> otherwise) {
        return pipelines.stream()
                .filter(spec -> spec.id().equals(Targets.STABLE_DIFFUSION))
                .flatMap(spec -> spec.parameters().parameters().stream())
                .filter(each -> each.name().equals(parameter))
                .map(each -> each.jsonSchema()
                        .path("enum")
                        .valueStream()
                        .map(JsonNode::asText)
                        .toList())
                .filter(list -> !list.isEmpty())
                .findFirst()
                .orElse(otherwise);
    }

    Offer now() {
        return new Offer(
                names.checkpoints(),
                names.unets(),
                names.clips(),
                names.vaes(),
                names.loras(),
                pictures(),
                samplers,
                schedulers,
                this::fingerprint);
    }

    private List<String> pictures() {
        try {
            return folders.names(MediaFolder.INPUT).stream()
                    .filter(name -> PICTURES.contains(
                            name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)))
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The file that a graph names; nothing if there is none. */
    Optional<Path> picture(String name) {
        int slash = name.lastIndexOf('/');
        try {
            return Optional.of(folders.find(
                    MediaFolder.INPUT, slash < 0 ? "" : name.substring(0, slash), name.substring(slash + 1)));
        } catch (StoreRefused noSuchFile) {
            return Optional.empty();
        }
    }

    private Optional<String> fingerprint(String name) {
        return picture(name).map(file -> {
            try {
                return Files.size(file) + "-" + Files.getLastModifiedTime(file).toMillis();
            } catch (IOException goneNow) {
                return "";
            }
        });
    }
}
