package io.github.tachyscope.diffusion.tiny.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The terms of a loss, weighted, as scalars that gradients are recorded for. */
final class Losses {
    private final Map<String, Tensor> terms = new LinkedHashMap<>();

    Losses add(String name, Tensor term, double weight) {
        terms.put(name, term.mul(new Scalar(weight)));
        return this;
    }

    Tensor total() {
        return terms.values().stream().reduce(Tensor::add).orElseThrow();
    }

    Means means() {
        Map<String, Double> values = new LinkedHashMap<>();
        terms.forEach((name, term) -> values.put(name, term.item_double()));
        return new Means(values);
    }

    /** Plain numbers. */
    record Means(Map<String, Double> values) {
        static Means mean(List<Means> all) {
            Map<String, Double> sums = new LinkedHashMap<>();
            all.forEach(one -> one.values.forEach((name, value) -> sums.merge(name, value / all.size(), Double::sum)));
            return new Means(sums);
        }

        /** Running mean over about a hundred steps. */
        Means towards(Means next) {
            Map<String, Double> mixed = new LinkedHashMap<>();
            next.values.forEach(
                    (name, value) -> mixed.put(name, 0.99 * values.getOrDefault(name, value) + 0.01 * value));
            return new Means(mixed);
        }

        double total() {
            return values.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "loss %.4f", total())
                    + values.entrySet().stream()
                            .map(term -> String.format(Locale.ROOT, " %s %.4f", term.getKey(), term.getValue()))
                            .collect(Collectors.joining(",", " (", " )"));
        }
    }
}
