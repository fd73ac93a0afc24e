package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.InputMode;
import java.util.List;
import java.util.Locale;

/** How few steps a model was taught to make do with. */
public enum Distillation {
    /** Needs an LCM LoRA to be of use in a few steps. */
    NONE,
    ONE_STEP,
    FEW_STEPS;

    /**
     * By the model's name, as its makers give it, else by its scheduler.
     *
     * @param name repository id or folder
     * @param scheduler {@code scheduler_config.json}
     */
    static Distillation of(String name, JsonNode scheduler) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains("turbo")) {
            return ONE_STEP;
        }
        if (lower.contains("lightning") || lower.contains("lcm") || lower.contains("hyper")) {
            return FEW_STEPS;
        }
        if (scheduler.path("_class_name").asText().startsWith("LCM")) {
            return FEW_STEPS;
        }
        return scheduler.path("timestep_spacing").asText().equals("trailing") ? ONE_STEP : NONE;
    }

    /** Indices into the schedule of 50 steps when nobody asks for others. */
    public List<Integer> steps(InputMode mode) {
        if (this == ONE_STEP) {
            return mode == InputMode.VIDEO ? List.of(32) : List.of(0);
        }
        return mode == InputMode.VIDEO ? List.of(32, 45) : List.of(0, 16, 32, 45);
    }
}
