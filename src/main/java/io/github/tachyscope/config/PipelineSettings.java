package io.github.tachyscope.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
 * @param models directory with a folder for each model, that of {@code tachyscope.storage}
 * @param loras directories with LoRA files, those of {@code tachyscope.storage}
 * @param maxBeside most pipelines that stay loaded beside the chain for jobs
 */
public record PipelineSettings(
        List<String> preload,
        Map<String, String> aliases,
        Duration loadTimeout,
        Synthetic synthetic,
        Optional<Path> tinyWeights,
        Optional<Path> pluginsDir,
        Path models,
        List<Path> loras,
        int maxBeside) {

    public PipelineSettings {
        loras = List.copyOf(loras);
    }

    /**
     * Shape of the model-free test pipeline.
     *
     * @param steps denoising steps per chunk
     * @param stepCost time that each step keeps the device busy
     */
    public record Synthetic(int steps, Duration stepCost) {}

    /** Guards against a slip of the keyboard. */
    private static final int MOST_STEPS = 50;

    /** Each has its weights in memory; far more than a device has room for. */
    private static final int MOST_BESIDE = 64;

    /** With one pipeline beside the chain. */
    public PipelineSettings(
            List<String> preload,
            Map<String, String> aliases,
            Duration loadTimeout,
            Synthetic synthetic,
            Optional<Path> tinyWeights,
            Optional<Path> pluginsDir,
            Path models,
            List<Path> loras) {
        this(preload, aliases, loadTimeout, synthetic, tinyWeights, pluginsDir, models, loras, 1);
    }

    static PipelineSettings from(Section section, StorageSettings storage) {
        List<Path> loras = new ArrayList<>(List.of(storage.loraDir()));
        storage.loraSharedDir().ifPresent(loras::add);
        Section synthetic = section.section("synthetic");
        return new PipelineSettings(
                section.texts("preload"),
                Map.copyOf(section.names("aliases")),
                section.duration("load-timeout"),
                new Synthetic(synthetic.whole("steps", 1, MOST_STEPS), synthetic.duration("step-cost", Duration.ZERO)),
                section.section("tiny").optionalPath("weights"),
                section.optionalPath("plugins-dir"),
                storage.modelsDir(),
                loras,
                section.whole("max-beside", 1, MOST_BESIDE));
    }
}
