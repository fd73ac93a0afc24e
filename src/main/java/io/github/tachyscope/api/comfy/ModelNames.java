package io.github.tachyscope.api.comfy;

import io.github.tachyscope.store.LoraStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The names of models in graphs, and which of them are here: folders of the directory of models by their own names, and
 * those that graphs in the wild are written with, where they stand for one of these. All methods block.
 */
final class ModelNames {
    /** Names that graphs in the wild have, and the models that they mean. */
    private static final Map<String, String> USUAL = Map.of(
            "v1-5-pruned-emaonly.safetensors", "stable-diffusion-v1-5/stable-diffusion-v1-5",
            "v1-5-pruned-emaonly-fp16.safetensors", "stable-diffusion-v1-5/stable-diffusion-v1-5",
            "v1-5-pruned-emaonly.ckpt", "stable-diffusion-v1-5/stable-diffusion-v1-5",
            "sd_turbo.safetensors", "stabilityai/sd-turbo",
            "sd_xl_base_1.0.safetensors", "stabilityai/stable-diffusion-xl-base-1.0",
            "sd_xl_turbo_1.0_fp16.safetensors", "stabilityai/sdxl-turbo");

    private static final List<String> USUAL_UNETS =
            List.of("wan2.1_t2v_1.3B_bf16.safetensors", "wan2.1_t2v_1.3B_fp16.safetensors");
    private static final List<String> USUAL_CLIPS = List.of("umt5_xxl_fp8_e4m3fn_scaled.safetensors");
    private static final List<String> USUAL_VAES = List.of("wan_2.1_vae.safetensors");

    /** Most folders that are looked at; protects time. */
    private static final int MAX_FOLDERS = 1000;

    private static final String SAFETENSORS = ".safetensors";

    private final Path root;
    private final Map<String, String> aliases;
    private final LoraStore loras;
    private final boolean standIn;

    /**
     * @param root the directory of models
     * @param aliases of the settings, which come before the usual ones
     * @param standIn whether something draws for models that are not here, so that the usual names can be chosen all the same
     */
    ModelNames(Path root, Map<String, String> aliases, LoraStore loras, boolean standIn) {
        this.root = root.toAbsolutePath().normalize();
        Map<String, String> all = new LinkedHashMap<>(USUAL);
        all.putAll(aliases);
        this.aliases = Map.copyOf(all);
        this.loras = loras;
        this.standIn = standIn;
    }

    /** Whole models. */
    List<String> checkpoints() {
        Set<String> names = new TreeSet<>(folders());
        aliases.keySet().stream()
                .filter(name -> standIn || model(name).isPresent())
                .forEach(names::add);
        return List.copyOf(names);
    }

    /** Weights of models alone, which nothing here can run but a stand-in. */
    List<String> unets() {
        return standIn ? USUAL_UNETS : List.of();
    }

    List<String> clips() {
        return standIn ? USUAL_CLIPS : List.of();
    }

    List<String> vaes() {
        return standIn ? USUAL_VAES : List.of();
    }

    List<String> loras() {
        return loras.list().stream()
                .filter(file -> file.path().toString().endsWith(SAFETENSORS))
                .map(file -> file.folder().isEmpty()
                        ? file.path().getFileName().toString()
                        : file.folder() + "/" + file.path().getFileName())
                .distinct()
                .toList();
    }

    /** The model that a checkpoint's name stands for, as pipelines name it; empty if it is not here. */
    Optional<String> model(String name) {
        String wanted = aliases.getOrDefault(name, name);
        String last = wanted.substring(wanted.lastIndexOf('/') + 1);
        Set<String> candidates = new LinkedHashSet<>(List.of(wanted, wanted.replace("/", "--"), last));
        return candidates.stream().filter(this::isModel).findFirst().map(found -> wanted);
    }

    private boolean isModel(String name) {
        try {
            Path folder = root.resolve(name).normalize();
            return folder.startsWith(root)
                    && !folder.equals(root)
                    && Files.isRegularFile(folder.resolve("unet").resolve("config.json"));
        } catch (InvalidPathException impossible) {
            return false;
        }
    }

    /** Names of the folders that hold a model. */
    private List<String> folders() {
        List<String> found = new ArrayList<>();
        for (Path owner : children(root)) {
            String name = owner.getFileName().toString();
            if (isModel(name)) {
                found.add(name);
                continue;
            }
            for (Path model : children(owner)) {
                String full = name + "/" + model.getFileName();
                if (isModel(full)) {
                    found.add(full);
                }
            }
        }
        return found;
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(child -> !child.getFileName().toString().startsWith(".") && Files.isDirectory(child))
                    .limit(MAX_FOLDERS)
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
