package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.SafetensorsWriter;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Stages' states on disk, one file each, replaced as a whole: parameters, averages and moments, and how far it is. */
final class Checkpoint {
    private final Path folder;

    Checkpoint(Path folder) {
        this.folder = folder;
    }

    /**
     * How far a stage is.
     *
     * @param step next step
     * @param minutes of training so far
     * @param finished whether its budget was spent
     */
    record State(long step, double minutes, boolean finished) {}

    void save(String name, Map<String, Trained> parts, State state) {
        try (TensorScope scope = TensorScope.inference()) {
            Files.createDirectories(folder);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            parts.forEach((part, trained) -> trained.slots().forEach((parameter, slot) -> {
                tensors.put(part + "/value/" + parameter, slot.value());
                tensors.put(part + "/average/" + parameter, slot.average());
                tensors.put(part + "/first/" + parameter, slot.first());
                tensors.put(part + "/second/" + parameter, slot.second());
            }));
            Map<String, String> metadata = Map.of(
                    "step", Long.toString(state.step()),
                    "minutes", Double.toString(state.minutes()),
                    "finished", Boolean.toString(state.finished()));
            SafetensorsWriter.write(file(name), tensors, Precision.FP32, metadata);
        } catch (IOException failure) {
            throw new UncheckedIOException("the checkpoint " + file(name) + " cannot be written", failure);
        }
    }

    /** Restores {@code parts}; empty if there is no such checkpoint. */
    Optional<State> restore(String name, Map<String, Trained> parts) {
        if (!Files.exists(file(name))) {
            return Optional.empty();
        }
        try (TensorScope scope = TensorScope.plain();
                NoGradGuard quiet = new NoGradGuard();
                SafetensorsFile file = SafetensorsFile.open(file(name))) {
            parts.forEach((part, trained) -> trained.slots().forEach((parameter, slot) -> {
                slot.value().copy_(file.tensor(part + "/value/" + parameter));
                slot.average().copy_(file.tensor(part + "/average/" + parameter));
                slot.first().copy_(file.tensor(part + "/first/" + parameter));
                slot.second().copy_(file.tensor(part + "/second/" + parameter));
            }));
            Map<String, String> state = file.metadata();
            return Optional.of(new State(
                    Long.parseLong(state.getOrDefault("step", "0")),
                    Double.parseDouble(state.getOrDefault("minutes", "0")),
                    Boolean.parseBoolean(state.get("finished"))));
        } catch (WeightsRejected rejected) {
            throw new IllegalStateException("the checkpoint " + file(name) + " is of another run", rejected);
        }
    }

    void copy(String from, String to) {
        try {
            Files.copy(file(from), file(to), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException("the checkpoint " + file(from) + " cannot be copied", failure);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".safetensors");
    }
}
