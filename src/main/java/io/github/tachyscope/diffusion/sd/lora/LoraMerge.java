package io.github.tachyscope.diffusion.sd.lora;

import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adapters in a model's weights at scales that can change without drift: the untouched weights of changed modules are
 * kept, every change starts from them and is rounded to the model's precision once.
 *
 * <p>Writes into the model's tensors: never while a step runs with them. Denoiser and text encoders are apart, so that
 * each can be changed by the one thread that runs it.
 */
public final class LoraMerge implements AutoCloseable {
    /** How many names an error lists before it only counts. */
    private static final int LISTED = 8;

    private final LoraTargets targets;
    private final Map<String, Map<String, LoraFactors>> adapters = new LinkedHashMap<>();
    private final Map<String, LoraFile> files = new LinkedHashMap<>();
    private final Map<Part, Side> sides = new EnumMap<>(Part.class);

    /** A part of the model whose weights change together. */
    public enum Part {
        DENOISER,
        TEXT_ENCODERS;

        static Part of(String module) {
            return LoraTargets.ofDenoiser(module) ? DENOISER : TEXT_ENCODERS;
        }
    }

    /** What one part holds. */
    private static final class Side {
        final Map<String, Tensor> untouched = new HashMap<>();
        final Map<String, Double> scales = new HashMap<>();
        /** A change broke off: nobody knows which weights were written. */
        boolean torn;
    }

    public LoraMerge(LoraTargets targets) {
        this.targets = targets;
        for (Part part : Part.values()) {
            sides.put(part, new Side());
        }
    }

    /**
     * Adds an adapter at scale 0 and takes ownership of its file.
     *
     * @param id by which its scale is set
     * @return the modules of the file that this model does not have
     * @throws WeightsRejected if none of its modules, or not the shape of one, fits this model; the file is closed then
     */
    public Set<String> add(String id, LoraFile file) {
        if (files.containsKey(id)) {
            throw new IllegalArgumentException("adapter " + id + " is there already");
        }
        Set<String> unknown = new TreeSet<>();
        Map<String, LoraFactors> matched = new LinkedHashMap<>();
        List<String> misfits = new ArrayList<>();
        file.modules()
                .forEach((spelled, factors) -> targets.module(spelled)
                        .ifPresentOrElse(
                                module -> {
                                    long[] shape = targets.weight(module).shape();
                                    if (factors.fits(shape)) {
                                        matched.put(module, factors);
                                    } else {
                                        misfits.add(spelled + " for a weight of " + Arrays.toString(shape));
                                    }
                                },
                                () -> unknown.add(spelled)));
        if (!misfits.isEmpty() || matched.isEmpty()) {
            String reason = misfits.isEmpty() ? "this model has none of its modules: " : "its shapes do not fit: ";
            List<String> names = misfits.isEmpty() ? List.copyOf(unknown) : misfits;
            file.close();
            throw new WeightsRejected(file.name() + " is for another base model, " + reason + listed(names));
        }
        files.put(id, file);
        adapters.put(id, matched);
        sides.values().forEach(side -> side.scales.put(id, 0.0));
        return unknown;
    }

    private static String listed(List<String> names) {
        String some = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
        return names.size() > LISTED ? some + " and " + (names.size() - LISTED) + " more" : some;
    }

    /** Whether an adapter changes a part at all. */
    public boolean changes(String id, Part part) {
        return adapters.containsKey(id)
                && adapters.get(id).keySet().stream().anyMatch(module -> Part.of(module) == part);
    }

    /**
     * Brings adapters to these scales in the whole model; others keep theirs.
     *
     * @param changes finite scales by adapter
     */
    public void scale(Map<String, Double> changes) {
        sides.keySet().forEach(part -> scale(part, changes));
    }

    /**
     * The same in one part.
     *
     * @return whether weights were written
     */
    public boolean scale(Part part, Map<String, Double> changes) {
        changes.forEach((id, scale) -> {
            if (!adapters.containsKey(id) || !Double.isFinite(scale)) {
                throw new IllegalArgumentException("adapter " + id + " at scale " + scale);
            }
        });
        Side side = sides.get(part);
        Set<String> touched = new TreeSet<>(side.torn ? side.untouched.keySet() : Set.of());
        changes.forEach((id, scale) -> {
            if (!scale.equals(side.scales.put(id, scale))) {
                touched.addAll(adapters.get(id).keySet());
            }
        });
        touched.removeIf(module -> Part.of(module) != part);
        side.torn = true;
        touched.forEach(module -> rewrite(module, side));
        side.torn = false;
        return !touched.isEmpty();
    }

    private void rewrite(String module, Side side) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor weight = targets.weight(module);
            Tensor base = side.untouched.computeIfAbsent(module, first -> TensorScope.keep(weight.clone()));
            Tensor sum = base.to(ScalarType.Float);
            for (Map.Entry<String, Map<String, LoraFactors>> adapter : adapters.entrySet()) {
                LoraFactors factors = adapter.getValue().get(module);
                double scale = side.scales.get(adapter.getKey());
                if (factors != null && scale != 0) {
                    Tensor delta = factors.delta(weight.shape()).to(weight.device(), ScalarType.Float);
                    sum = sum.add(delta.mul(new Scalar(scale)));
                }
            }
            weight.copy_(sum);
        }
    }

    /** Makes the present weights the untouched ones for good: the adapters are part of the model, their files are freed. */
    public void settle() {
        sides.values().forEach(side -> {
            side.untouched.values().forEach(TensorScope::release);
            side.untouched.clear();
            side.scales.clear();
        });
        files.values().forEach(LoraFile::close);
        files.clear();
        adapters.clear();
    }

    /** Takes all adapters out again. */
    @Override
    public void close() {
        Map<String, Double> none = new HashMap<>();
        adapters.keySet().forEach(id -> none.put(id, 0.0));
        scale(none);
        settle();
    }
}
