package io.github.tachyscope.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Weights from safetensors files, read when they are taken. The files stay open until {@link #close}. */
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
        Torch.require();
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
        Torch.require();
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
        String indexName = String.valueOf(index.getFileName());
        try {
            if (Files.size(index) > SafetensorsFile.MAX_HEADER_BYTES) {
                throw new WeightsRejected(indexName + " is longer than " + SafetensorsFile.MAX_HEADER_BYTES + " bytes");
            }
            Set<String> names = new LinkedHashSet<>();
            JsonNode map =
                    SafetensorsFile.JSON.readTree(Files.readString(index)).path("weight_map");
            map.valueStream().forEach(name -> names.add(name.asText()));
            if (names.isEmpty() || names.size() > MAX_SHARDS) {
                throw new WeightsRejected(
                        indexName + " lists " + names.size() + " files; allowed are 1 to " + MAX_SHARDS);
            }
            return names.stream().map(name -> beside(folder, indexName, name)).toList();
        } catch (IOException unreadable) {
            throw new WeightsRejected(indexName + " cannot be read", unreadable);
        }
    }

    private static Path beside(Path folder, String indexName, String name) {
        try {
            Path named = Path.of(name);
            if (named.getNameCount() == 1 && named.getFileName() != null && name.endsWith(".safetensors")) {
                return folder.resolve(named.getFileName());
            }
        } catch (InvalidPathException impossible) {
            // Refused below, like every other name that is not that of a file in this folder.
        }
        throw new WeightsRejected(indexName + " names \"" + name + "\", which is no safetensors file of its folder");
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

    /** Tensors that no layer took, but for the position numbers that text encoders of old carry along. */
    public Set<String> unused() {
        Set<String> left = new LinkedHashSet<>(unused);
        left.removeIf(name -> name.endsWith("position_ids"));
        return left;
    }

    @Override
    Tensor make(String name, long[] shape) {
        SafetensorsFile file = places.get(name);
        if (file == null) {
            throw new WeightsRejected("tensor " + name + " is missing in " + source);
        }
        SafetensorsEntry entry = file.entries().get(name);
        checkShape(name, entry.shape(), shape);
        if (!entry.type().floating()) {
            throw new WeightsRejected("tensor " + name + " in " + file.name() + " has the type " + entry.type()
                    + "; weights are F16, BF16, F32 or F64");
        }
        try (TensorScope scope = TensorScope.plain()) {
            Tensor stored = file.tensor(name);
            Tensor placed = placement().place(stored);
            if (!finite(placed)) {
                throw new WeightsRejected("tensor " + name + " in " + file.name()
                        + (finite(stored)
                                ? " has values that do not fit into "
                                        + placement().precision().wireName()
                                : " has values that are no numbers"));
            }
            unused.remove(name);
            return TensorScope.keep(inOrder(placed));
        }
    }

    private static boolean finite(Tensor tensor) {
        return torch.isfinite(tensor).all().item_bool();
    }

    @Override
    public void close() {
        super.close();
        files.forEach(SafetensorsFile::close);
        files.clear();
        places.clear();
    }
}
