package io.github.tachyscope.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Weights from safetensors files. The files stay mapped until {@link #close}. */
public final class LoadedWeights extends Weights {
    /** More files than any published model is cut into; protects against an index that lists the world. */
    private static final int MAX_SHARDS = 1000;

    private final String source;
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, SafetensorsFile> places = new LinkedHashMap<>();
    private final Set<String> unused = new LinkedHashSet<>();

    private LoadedWeights(String source, Placement placement) {
        super(placement);
        this.source = source;
    }

    /** @throws WeightsRejected if the file cannot be used */
    public static LoadedWeights file(Path path, Placement placement) {
        LoadedWeights weights = new LoadedWeights(String.valueOf(path.getFileName()), placement);
        weights.opened(() -> weights.add(path));
        return weights;
    }

    /**
     * The weights of one component's folder: {@code <stem>.safetensors}, else its {@code .fp16} variant, else the shards
     * that {@code <stem>.safetensors.index.json} lists.
     *
     * @param stem such as {@code diffusion_pytorch_model} or {@code model}
     */
    public static LoadedWeights folder(Path folder, String stem, Placement placement) {
        for (String name : List.of(stem + ".safetensors", stem + ".fp16.safetensors")) {
            if (Files.exists(folder.resolve(name))) {
                return file(folder.resolve(name), placement);
            }
        }
        for (String name : List.of(stem + ".safetensors.index.json", stem + ".safetensors.index.fp16.json")) {
            if (Files.exists(folder.resolve(name))) {
                LoadedWeights weights = new LoadedWeights(name, placement);
                weights.opened(() -> shards(folder, folder.resolve(name)).forEach(weights::add));
                return weights;
            }
        }
        throw new WeightsRejected("no " + stem + ".safetensors in " + folder.getFileName() + pickledHint(folder));
    }

    private static String pickledHint(Path folder) {
        for (String ending : List.of("bin", "pth", "pt", "ckpt")) {
            for (String stem : List.of("diffusion_pytorch_model", "pytorch_model", "model")) {
                if (Files.exists(folder.resolve(stem + "." + ending))) {
                    return "; " + stem + "." + ending + " is a pickle and is never read: convert it to safetensors";
                }
            }
        }
        return "";
    }

    private static List<Path> shards(Path folder, Path index) {
        try {
            JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
            Set<String> names = new LinkedHashSet<>();
            map.properties().forEach(entry -> names.add(entry.getValue().asText()));
            if (names.isEmpty() || names.size() > MAX_SHARDS) {
                throw new WeightsRejected(
                        index.getFileName() + " lists " + names.size() + " files; allowed are 1 to " + MAX_SHARDS);
            }
            List<Path> paths = new ArrayList<>();
            for (String name : names) {
                Path path = folder.resolve(name).normalize();
                if (!folder.normalize().equals(path.getParent())) {
                    throw new WeightsRejected(index.getFileName() + " names a file outside its folder");
                }
                paths.add(path);
            }
            return paths;
        } catch (IOException unreadable) {
            throw new WeightsRejected(index.getFileName() + " cannot be read", unreadable);
        }
    }

    /** Nothing half-opened stays behind. */
    private void opened(Runnable opening) {
        try {
            opening.run();
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private void add(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        files.add(file);
        file.entries().keySet().forEach(name -> {
            if (places.put(name, file) != null) {
                throw new WeightsRejected("tensor " + name + " is in two files of " + source);
            }
        });
        unused.addAll(file.entries().keySet());
    }

    @Override
    public Optional<long[]> stored(String name) {
        SafetensorsFile file = places.get(name);
        return file == null
                ? Optional.empty()
                : Optional.of(file.entries().get(name).shape());
    }

    /** Tensors that no layer took. */
    public Set<String> unused() {
        return Set.copyOf(unused);
    }

    @Override
    Tensor make(String name, long[] shape) {
        SafetensorsFile file = places.get(name);
        if (file == null) {
            throw new WeightsRejected("tensor " + name + " is missing in " + source);
        }
        checkShape(name, file.entries().get(name).shape(), shape);
        try (TensorScope scope = TensorScope.plain()) {
            Tensor placed = placement().place(file.tensor(name));
            if (!torch.isfinite(placed).all().item_bool()) {
                throw new WeightsRejected("tensor " + name + " in " + file.name() + " has values that are no numbers");
            }
            unused.remove(name);
            return TensorScope.keep(inOrder(placed));
        }
    }

    @Override
    public void close() {
        super.close();
        files.forEach(SafetensorsFile::close);
        files.clear();
        places.clear();
    }
}
