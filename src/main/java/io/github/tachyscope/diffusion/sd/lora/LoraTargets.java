package io.github.tachyscope.diffusion.sd.lora;

import io.github.tachyscope.tensor.Weights;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The modules of a loaded model under every name that LoRA files use for them. Names are looked up in a table made from
 * the model itself, never taken apart by rules, since underscores stand for dots and for themselves.
 */
public final class LoraTargets {
    private static final String WEIGHT = ".weight";
    private static final String TEXT_MODEL = "text_model.";

    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final Map<String, String> names = new HashMap<>();

    /** A module of a component, with all its names. */
    private record Component(String dotted, List<String> flattened) {}

    private static final Component UNET = new Component("unet.", List.of("lora_unet_"));
    private static final List<Component> TEXT_ENCODERS = List.of(
            new Component("text_encoder.", List.of("lora_te_", "lora_te1_")),
            new Component("text_encoder_2.", List.of("lora_te2_")));

    /**
     * @param unet the denoiser's weights, all taken
     * @param layersPerBlock of the denoiser's configuration, for files with the original SDXL names
     * @param textEncoders their weights, in the order of the model, all taken
     */
    public LoraTargets(Weights unet, int layersPerBlock, List<Weights> textEncoders) {
        add(UNET, unet);
        OriginalNames original = new OriginalNames(layersPerBlock);
        for (String module : modules(unet)) {
            original.of(module).forEach(name -> names.put("lora_unet_" + name, UNET.dotted + module));
        }
        for (int i = 0; i < textEncoders.size(); i++) {
            add(TEXT_ENCODERS.get(i), textEncoders.get(i));
        }
    }

    private void add(Component component, Weights parameters) {
        for (String module : modules(parameters)) {
            String target = component.dotted + module;
            weights.put(target, parameters.parameters().get(module + WEIGHT));
            // Text encoders are stored with and without this prefix; files of both kinds must fit both.
            String bare = module.startsWith(TEXT_MODEL) ? module.substring(TEXT_MODEL.length()) : module;
            for (String spelling : component == UNET ? List.of(module) : List.of(bare, TEXT_MODEL + bare)) {
                names.put(component.dotted + spelling, target);
                component.flattened.forEach(prefix -> names.put(prefix + spelling.replace('.', '_'), target));
            }
        }
    }

    private static List<String> modules(Weights parameters) {
        return parameters.parameters().entrySet().stream()
                .filter(entry ->
                        entry.getKey().endsWith(WEIGHT) && entry.getValue().dim() >= 2)
                .map(entry -> entry.getKey().substring(0, entry.getKey().length() - WEIGHT.length()))
                .toList();
    }

    /** Whether a module that {@link #module} gave is one of the denoiser. */
    static boolean ofDenoiser(String module) {
        return module.startsWith(UNET.dotted);
    }

    /** The module that a file means, such as {@code unet.mid_block.resnets.0.conv1}; empty if this model has none. */
    Optional<String> module(String spelled) {
        String name = spelled.replace(".processor.", ".");
        if (name.endsWith(".to_out")) {
            // The oldest files name the attention's output projection without its index.
            name += ".0";
        }
        return Optional.ofNullable(names.get(name));
    }

    /** The weight of a module that {@link #module} gave. */
    Tensor weight(String module) {
        return weights.get(module);
    }
}
