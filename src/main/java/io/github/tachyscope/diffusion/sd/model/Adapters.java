package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.lora.LoraFile;
import io.github.tachyscope.diffusion.sd.lora.LoraMerge;
import io.github.tachyscope.diffusion.sd.lora.LoraMerge.Part;
import io.github.tachyscope.diffusion.sd.lora.LoraTargets;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LoRAs of a model: some become part of its weights for good, the others have scales that every session chooses for
 * itself.
 *
 * <p>There is one set of weights. Before a step runs they are brought to the scales of its session; steps with different
 * scales never share a batch, so nobody sees another one's. The denoiser's weights are written by the thread of its lane
 * only, those of the text encoders by that of theirs.
 */
public final class Adapters implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Adapters.class);

    private final LoraMerge merge;
    private final Map<String, Double> initial = new TreeMap<>();

    public Adapters(LoraTargets targets) {
        merge = new LoraMerge(targets);
    }

    /** Makes an adapter part of the weights. Before any {@link #addRuntime}. */
    void bakeIn(Path file, double scale, double textScale) {
        add("permanent", file);
        merge.scale(Part.DENOISER, Map.of("permanent", scale));
        merge.scale(Part.TEXT_ENCODERS, Map.of("permanent", textScale));
        merge.settle();
    }

    /** Adds an adapter whose scale may change, not in effect yet. */
    void addRuntime(String id, Path file, double scale) {
        if (initial.putIfAbsent(id, scale) != null) {
            throw new WeightsRejected("loras: " + id + " is listed twice");
        }
        add(id, file);
    }

    private void add(String id, Path file) {
        Set<String> unknown = merge.add(id, LoraFile.open(file));
        if (!unknown.isEmpty()) {
            log.warn(
                    "{}: {} of its modules are unknown to this model: {}", file.getFileName(), unknown.size(), unknown);
        }
    }

    /** What a session starts with. */
    public Scales initial() {
        return Scales.of(initial);
    }

    /** The adapter that a client means; empty if none of that name was loaded with a scale that may change. */
    Optional<String> named(String path) {
        if (initial.containsKey(path)) {
            return Optional.of(path);
        }
        return initial.keySet().stream()
                .filter(id -> path.endsWith("/" + id) || id.endsWith("/" + path))
                .findFirst();
    }

    /** Of these scales those that the text encoders notice. */
    public Scales ofText(Scales scales) {
        SortedMap<String, Double> noticed = new TreeMap<>(scales.byAdapter());
        noticed.keySet().removeIf(id -> !merge.changes(id, Part.TEXT_ENCODERS));
        return new Scales(noticed);
    }

    /** Brings the denoiser to these scales. */
    public void inDenoiser(Scales scales) {
        merge.scale(Part.DENOISER, scales.byAdapter());
    }

    /** Brings the text encoders to these scales; whether they are others now. */
    public boolean inTextEncoders(Scales scales) {
        return merge.scale(Part.TEXT_ENCODERS, scales.byAdapter());
    }

    @Override
    public void close() {
        // The weights end with the model: nothing to take out.
        merge.settle();
    }
}
