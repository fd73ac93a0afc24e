package io.github.tachyscope.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which pipelines exist and which are loaded at start; see {@code tachyscope.pipelines} in {@code reference.conf}.
 *
 * @param preload chain loaded at start; empty for none
 * @param aliases further id to the id of the pipeline that serves it
 * @param tinyWeights folder with other weights for the bundled model; empty for those that come with the server
 * @param pluginsDir folder with the jars of further pipelines, which need not exist; empty for none
 */
public record PipelineSettings(
        List<String> preload,
        Map<String, String> aliases,
        Duration loadTimeout,
        Synthetic synthetic,
        Optional<Path> tinyWeights,
        Optional<Path> pluginsDir) {

    /**
     * Shape of the model-free test pipeline.
     *
     * @param steps denoising steps per chunk
     * @param stepCost time that each step keeps the device busy
     */
    public record Synthetic(int steps, Duration stepCost) {}

    /** Guards against a slip of the keyboard. */
    private static final int MOST_STEPS = 50;

    static PipelineSettings from(Section section) {
        Section synthetic = section.section("synthetic");
        return new PipelineSettings(
                section.texts("preload"),
                Map.copyOf(section.names("aliases")),
                section.duration("load-timeout"),
                new Synthetic(synthetic.whole("steps", 1, MOST_STEPS), synthetic.duration("step-cost", Duration.ZERO)),
                section.section("tiny").optionalPath("weights"),
                section.optionalPath("plugins-dir"));
    }
}
