package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where models and LoRA files lie. Names come from clients: nothing outside these directories is ever opened.
 *
 * @param models directory with a folder for each model: {@code owner/name}, {@code owner--name} or {@code name}
 * @param loras directories with LoRA files; the models' own is looked at last
 */
public record ModelPlaces(Path models, List<Path> loras) {
    private static final String SAFETENSORS = ".safetensors";
    private static final List<String> PICKLES = List.of(".ckpt", ".pt", ".pth", ".bin");

    public ModelPlaces {
        loras = List.copyOf(loras);
    }

    /**
     * The folder of a model.
     *
     * @param name repository id, or a path in the models directory
     * @throws PipelineLoadFailed if there is none; the message says what is missing and where it was looked for
     */
    Path model(String name) {
        return find(name)
                .orElseThrow(() ->
                        new PipelineLoadFailed("the model " + name + " is not on this machine: there is no folder "
                                + candidates(models, name).stream()
                                        .findFirst()
                                        .map(Path::toString)
                                        .orElse("of that name in " + models)
                                + "; download it into the models directory first"));
    }

    /** The folder of a model; empty if there is none. */
    Optional<Path> find(String name) {
        return candidates(models, name).stream().filter(Files::isDirectory).findFirst();
    }

    private static Set<Path> candidates(Path root, String name) {
        Set<Path> candidates = new LinkedHashSet<>();
        within(root, name).ifPresent(candidates::add);
        within(root, name.replace("/", "--")).ifPresent(candidates::add);
        within(root, name.substring(name.lastIndexOf('/') + 1)).ifPresent(candidates::add);
        return candidates;
    }

    /**
     * A LoRA file.
     *
     * @param name absolute, or relative to one of the directories
     * @throws PipelineLoadFailed if there is none; the message says where it was looked for
     */
    Path lora(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (PICKLES.stream().anyMatch(lower::endsWith)) {
            throw new PipelineLoadFailed(
                    "loras: " + name + " is a pickle and is never read: convert it to safetensors");
        }
        List<Path> roots = new ArrayList<>(loras);
        roots.add(models);
        String file = lower.endsWith(SAFETENSORS) ? name : name + SAFETENSORS;
        return roots.stream()
                .flatMap(root -> within(root, file).stream())
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new PipelineLoadFailed("loras: there is no file " + file + " in "
                        + String.join(", ", roots.stream().map(Path::toString).toList())));
    }

    /** A path below {@code root}; empty if the name leads elsewhere or is none on this system. */
    private static Optional<Path> within(Path root, String name) {
        try {
            Path top = root.toAbsolutePath().normalize();
            Path path = top.resolve(name).normalize();
            return path.startsWith(top) && !path.equals(top) ? Optional.of(path) : Optional.empty();
        } catch (InvalidPathException impossible) {
            return Optional.empty();
        }
    }
}
