package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pipelines exist and which are loaded at start; see {@code tachyscope.pipelines} in {@code reference.conf}.
 *
 * @param preload chain loaded at start; empty for none
 * @param aliases further id to the id of the pipeline that serves it
 */
public record PipelineSettings(
        List<String> preload, Map<String, String> aliases, Duration loadTimeout, Synthetic synthetic) {

    /**
     * Shape of the model-free test pipeline.
     *
     * @param steps denoising steps per chunk
     * @param stepCost time that each step keeps the device busy
     */
    public record Synthetic(int steps, Duration stepCost) {}

    static PipelineSettings from(Config c) {
        Map<String, String> aliases = new LinkedHashMap<>();
        Config named = c.getConfig("aliases");
        named.root().keySet().forEach(id -> aliases.put(id, named.getString(ConfigUtil.joinPath(id))));
        return new PipelineSettings(
                List.copyOf(c.getStringList("preload")),
                Map.copyOf(aliases),
                c.getDuration("load-timeout"),
                new Synthetic(c.getInt("synthetic.steps"), c.getDuration("synthetic.step-cost")));
    }
}
