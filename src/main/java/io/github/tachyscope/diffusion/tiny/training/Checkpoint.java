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
import java.util.Arrays;
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
     * @param terms under which it came there; empty in files of an older version
     */
    record State(long step, double minutes, boolean finished, Optional<Terms> terms) {
        /** Whether its rate has begun to fall. */
        boolean leftPlateau() {
            return terms.map(under -> under.budget().progress(minutes, step) >= LearningRate.PLATEAU_ENDS)
                    .orElse(finished);
        }
    }

    /** What of the plan a state depends on. */
    record Terms(TrainingPlan.Budget budget, long seed, int scenes) {}

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
            SafetensorsWriter.write(file(name), tensors, Precision.FP32, metadata(state));
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
                copy(file, part + "/value/" + parameter, slot.value());
                copy(file, part + "/average/" + parameter, slot.average());
                copy(file, part + "/first/" + parameter, slot.first());
                copy(file, part + "/second/" + parameter, slot.second());
            }));
            return Optional.of(state(file.metadata()));
        } catch (WeightsRejected rejected) {
            throw new TrainingRefused("the checkpoint " + file(name) + " cannot be used: " + rejected.getMessage());
        }
    }

    private static void copy(SafetensorsFile file, String name, Tensor to) {
        Tensor stored = file.tensor(name);
        // copy_ would repeat a smaller one.
        if (!Arrays.equals(stored.shape(), to.shape())) {
            throw new WeightsRejected("tensor " + name + " is of another model");
        }
        to.copy_(stored);
    }

    /** How far a checkpoint is, without restoring it; empty if there is none. */
    Optional<State> state(String name) {
        if (!Files.exists(file(name))) {
            return Optional.empty();
        }
        try (SafetensorsFile file = SafetensorsFile.open(file(name))) {
            return Optional.of(state(file.metadata()));
        } catch (WeightsRejected rejected) {
            throw new TrainingRefused("the checkpoint " + file(name) + " cannot be used: " + rejected.getMessage());
        }
    }

    private static Map<String, String> metadata(State state) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("step", Long.toString(state.step()));
        metadata.put("minutes", Double.toString(state.minutes()));
        metadata.put("finished", Boolean.toString(state.finished()));
        state.terms().ifPresent(terms -> {
            metadata.put("budget-minutes", Double.toString(terms.budget().minutes()));
            metadata.put("budget-steps", Long.toString(terms.budget().steps()));
            metadata.put("seed", Long.toString(terms.seed()));
            metadata.put("scenes", Integer.toString(terms.scenes()));
        });
        return metadata;
    }

    private static State state(Map<String, String> metadata) {
        try {
            Optional<Terms> terms = metadata.containsKey("seed")
                    ? Optional.of(new Terms(
                            new TrainingPlan.Budget(
                                    Double.parseDouble(metadata.getOrDefault("budget-minutes", "")),
                                    Long.parseLong(metadata.getOrDefault("budget-steps", ""))),
                            Long.parseLong(metadata.getOrDefault("seed", "")),
                            Integer.parseInt(metadata.getOrDefault("scenes", ""))))
                    : Optional.empty();
            return new State(
                    Long.parseLong(metadata.getOrDefault("step", "")),
                    Double.parseDouble(metadata.getOrDefault("minutes", "")),
                    Boolean.parseBoolean(metadata.get("finished")),
                    terms);
        } catch (NumberFormatException damaged) {
            throw new WeightsRejected("its header does not say how far it is", damaged);
        }
    }

    void copy(String from, String to) {
        try {
            Path aside = folder.resolve(to + ".part");
            Files.copy(file(from), aside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(aside, file(to), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException("the checkpoint " + file(from) + " cannot be copied", failure);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".safetensors");
    }
}
