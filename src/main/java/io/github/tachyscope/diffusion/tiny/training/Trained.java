package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The parameters of a network under training: values, running averages of the values (Polyak 1992) and the two moments
 * of AdamW (Loshchilov and Hutter 2019). Owns all but the values.
 */
final class Trained implements AutoCloseable {
    private static final double EPS = 1e-8;

    private final Map<String, Slot> slots = new LinkedHashMap<>();

    /** One parameter and what belongs to it. */
    record Slot(Tensor value, Tensor average, Tensor first, Tensor second) {}

    /**
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param weightDecay share of the value that a step takes away, in units of the rate
     */
    record AdamW(double beta1, double beta2, double weightDecay) {}

    Trained(Weights weights) {
        try (TensorScope scope = TensorScope.plain()) {
            weights.parameters().forEach((name, value) -> {
                value.set_requires_grad(false);
                Tensor average = TensorScope.keep(value.clone());
                Tensor first = TensorScope.keep(torch.zeros_like(value));
                Tensor second = TensorScope.keep(torch.zeros_like(value));
                value.set_requires_grad(true);
                slots.put(name, new Slot(value, average, first, second));
            });
        }
    }

    Map<String, Slot> slots() {
        return slots;
    }

    /** Whether gradients are computed for it. */
    void learns(boolean learns) {
        slots.values().forEach(slot -> slot.value().set_requires_grad(learns));
    }

    /** Sum of the squares of all gradients. */
    double squaredGradient() {
        double sum = 0;
        for (Slot slot : slots.values()) {
            try (TensorScope scope = TensorScope.plain()) {
                Tensor gradient = slot.value().grad();
                if (gradient.defined()) {
                    sum += gradient.square().sum().item_double();
                }
            }
        }
        return sum;
    }

    /**
     * One step down the gradients, which are cleared.
     *
     * @param step number of the step, from 0
     * @param scale of the gradients
     * @param averaging decay of the running average
     */
    void step(AdamW method, long step, double rate, double scale, double averaging) {
        double correction1 = 1 - Math.pow(method.beta1(), step + 1.0);
        double correction2 = 1 - Math.pow(method.beta2(), step + 1.0);
        for (Slot slot : slots.values()) {
            // Values are leaves that gradients are recorded for: they change outside of that record.
            try (TensorScope scope = TensorScope.plain();
                    NoGradGuard quiet = new NoGradGuard()) {
                Tensor gradient = slot.value().grad();
                // One that learns no more keeps a gradient of zero, and must not decay.
                if (slot.value().requires_grad() && gradient.defined()) {
                    Tensor scaled = gradient.mul(new Scalar(scale));
                    slot.first().lerp_(scaled, new Scalar(1 - method.beta1()));
                    slot.second()
                            .mul_(new Scalar(method.beta2()))
                            .addcmul_(scaled, scaled, new Scalar(1 - method.beta2()));
                    Tensor spread =
                            slot.second().div(new Scalar(correction2)).sqrt().add(new Scalar(EPS));
                    slot.value().mul_(new Scalar(1 - rate * method.weightDecay()));
                    slot.value().addcdiv_(slot.first(), spread, new Scalar(-rate / correction1));
                    gradient.zero_();
                }
                slot.average().lerp_(slot.value(), new Scalar(1 - averaging));
            }
        }
    }

    @Override
    public void close() {
        slots.values().forEach(slot -> {
            TensorScope.release(slot.average());
            TensorScope.release(slot.first());
            TensorScope.release(slot.second());
        });
    }
}
