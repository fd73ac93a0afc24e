package io.github.tachyscope.diffusion.sd.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA file: pairs of factors under the names of the modules they change, as the file spells them (kohya, PEFT, old
 * and oldest diffusers).
 */
public final class LoraFile implements AutoCloseable {
    private static final List<String> DOWN = List.of(
            ".lora_down.weight",
            ".lora_A.weight",
            ".lora_A.default.weight",
            ".lora.down.weight",
            ".lora_linear_layer.down.weight",
            "_lora.down.weight");
    private static final List<String> UP = List.of(
            ".lora_up.weight",
            ".lora_B.weight",
            ".lora_B.default.weight",
            ".lora.up.weight",
            ".lora_linear_layer.up.weight",
            "_lora.up.weight");
    private static final String ALPHA = ".alpha";
    /** Adapters of other kinds, which look like LoRA by their ending only. */
    private static final List<String> OTHER_KINDS = List.of("dora_scale", "hada_", "lokr_", "oft_");

    private static final String ADAPTER_METADATA = "lora_adapter_metadata";

    private final String name;
    private final SafetensorsFile file;
    private final Map<String, LoraFactors> modules;

    private LoraFile(String name, SafetensorsFile file, Map<String, LoraFactors> modules) {
        this.name = name;
        this.file = file;
        this.modules = modules;
    }

    /** @throws WeightsRejected if this is no safetensors file, or holds no LoRA, or an adapter of another kind */
    public static LoraFile open(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        try {
            String name = String.valueOf(path.getFileName());
            return new LoraFile(name, file, new Reader(name, file).modules());
        } catch (RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    public String name() {
        return name;
    }

    /** Factors by module, in the file's spelling. */
    Map<String, LoraFactors> modules() {
        return modules;
    }

    @Override
    public void close() {
        modules.values().forEach(factors -> {
            TensorScope.release(factors.down());
            TensorScope.release(factors.up());
        });
        file.close();
    }

    private record Reader(String name, SafetensorsFile file) {
        private record Parts(
                @Nullable String down,
                @Nullable String up,
                @Nullable String alpha) {}

        Map<String, LoraFactors> modules() {
            Map<String, Parts> parts = new LinkedHashMap<>();
            for (String key : file.entries().keySet()) {
                OTHER_KINDS.stream().filter(key::contains).findFirst().ifPresent(kind -> {
                    throw new WeightsRejected(name + " is an adapter of a kind that is not supported: it has " + key);
                });
                Optional<String> down = without(key, DOWN);
                Optional<String> up = without(key, UP);
                if (down.isPresent()) {
                    parts.merge(down.get(), new Parts(key, null, null), Reader::join);
                } else if (up.isPresent()) {
                    parts.merge(up.get(), new Parts(null, key, null), Reader::join);
                } else if (key.endsWith(ALPHA)) {
                    parts.merge(
                            key.substring(0, key.length() - ALPHA.length()), new Parts(null, null, key), Reader::join);
                } else {
                    throw new WeightsRejected(name + " is no LoRA file: it has a tensor " + key);
                }
            }
            if (parts.isEmpty()) {
                throw new WeightsRejected(name + " is no LoRA file: it is empty");
            }
            JsonNode metadata = adapterMetadata();
            Map<String, LoraFactors> modules = new LinkedHashMap<>();
            try (TensorScope scope = TensorScope.plain()) {
                parts.forEach((module, part) -> modules.put(module, factors(module, part, metadata)));
                modules.values().forEach(factors -> {
                    TensorScope.keep(factors.down());
                    TensorScope.keep(factors.up());
                });
            }
            return modules;
        }

        private static Optional<String> without(String key, List<String> endings) {
            return endings.stream()
                    .filter(key::endsWith)
                    .findFirst()
                    .map(ending -> key.substring(0, key.length() - ending.length()));
        }

        private static Parts join(Parts a, Parts b) {
            return new Parts(
                    a.down() != null ? a.down() : b.down(),
                    a.up() != null ? a.up() : b.up(),
                    a.alpha() != null ? a.alpha() : b.alpha());
        }

        private LoraFactors factors(String module, Parts parts, JsonNode metadata) {
            if (parts.down() == null || parts.up() == null) {
                throw new WeightsRejected(name + ": module " + module + " has only one of its two factors");
            }
            Tensor down = file.tensor(parts.down());
            Tensor up = file.tensor(parts.up());
            if (down.dim() < 2 || up.dim() < 2 || up.size(1) != down.size(0)) {
                throw new WeightsRejected(name + ": the two factors of " + module + " do not belong together");
            }
            double alpha = parts.alpha() != null
                    ? file.tensor(parts.alpha()).to(ScalarType.Double).item_double()
                    : alpha(metadata, module, down.size(0));
            if (!Double.isFinite(alpha)) {
                throw new WeightsRejected(name + ": alpha of " + module + " is " + alpha);
            }
            return new LoraFactors(down, up, alpha);
        }

        /** PEFT writes alphas into a JSON beside the tensors: {@code unet.lora_alpha}, {@code unet.alpha_pattern}. */
        private static double alpha(JsonNode metadata, String module, long rank) {
            int dot = module.indexOf('.');
            if (dot < 0) {
                return rank;
            }
            String component = module.substring(0, dot);
            JsonNode own = metadata.path(component + ".alpha_pattern").path(module.substring(dot + 1));
            return own.isNumber()
                    ? own.asDouble()
                    : metadata.path(component + ".lora_alpha").asDouble(rank);
        }

        private JsonNode adapterMetadata() {
            String json = file.metadata().get(ADAPTER_METADATA);
            if (json == null) {
                return MissingNode.getInstance();
            }
            try {
                return new ObjectMapper().readTree(json);
            } catch (JsonProcessingException malformed) {
                throw new WeightsRejected(name + " has damaged metadata " + ADAPTER_METADATA, malformed);
            }
        }
    }
}
