package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.tachyscope.diffusion.PipelineProvider.LoadProgress;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.lora.LoraTargets;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.text.ClipTextConfig;
import io.github.tachyscope.diffusion.sd.text.ClipTextModel;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.sd.text.PromptEncoder;
import io.github.tachyscope.diffusion.sd.text.TextEncoder;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a model folder in the layout of diffusers. One loader loads one model; what fails leaves nothing behind. */
public final class ModelLoader {
    private static final Logger log = LoggerFactory.getLogger(ModelLoader.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String NETWORK = "diffusion_pytorch_model";
    private static final String LCM_LORA_FILE = "pytorch_lora_weights.safetensors";

    /** Sizes that SDXL is told with every picture. */
    private static final int SIZES = 6;

    private final ModelPlaces places;
    private final ModelRequest request;
    private final Placement placement;
    private final Path folder;
    private final List<AutoCloseable> owned = new ArrayList<>();

    private ModelLoader(ModelPlaces places, ModelRequest request, Placement placement) {
        this.places = places;
        this.request = request;
        this.placement = placement;
        this.folder = places.model(request.model());
    }

    /**
     * @throws PipelineLoadFailed if something is not there; the message names it
     * @throws WeightsRejected if something is there but cannot be used; the message names it
     */
    public static SdModel load(ModelPlaces places, ModelRequest request, Placement given, LoadProgress progress) {
        ModelLoader loader =
                new ModelLoader(places, request, request.acceleration().placement(given));
        try {
            return loader.load(progress);
        } catch (RuntimeException | Error failure) {
            Collections.reverse(loader.owned);
            try {
                SdModel.free(loader.owned);
            } catch (RuntimeException worse) {
                failure.addSuppressed(worse);
            }
            throw failure;
        }
    }

    private SdModel load(LoadProgress progress) {
        UNetConfig form = UNetConfig.read(config("unet"));
        Base base = Base.of(form);
        JsonNode scheduler = json("scheduler", "scheduler_config.json");
        NoiseTable schedule = NoiseTable.read(scheduler);
        Distillation distillation = Distillation.of(request.model(), scheduler);
        List<Path> permanent = new ArrayList<>();
        if (request.lcmLora() && distillation == Distillation.NONE) {
            permanent.add(lcmLora(base));
        }
        request.loras().forEach(lora -> places.lora(lora.path()));
        CodecLoader codecs = new CodecLoader(places, request, folder, placement, owned);
        Path autoencoder = codecs.wanted(base);
        progress.stage("Loading diffusion model...");
        LoadedWeights denoiserWeights = weights(folder.resolve("unet"), NETWORK, placement);
        UNet denoiser = UNet.take(form, denoiserWeights);
        mention(denoiserWeights, "unet");
        progress.stage("Loading text encoder...");
        List<Weights> textWeights = new ArrayList<>();
        List<TextEncoder> encoders = new ArrayList<>();
        encoders.add(textEncoder("", base, textWeights));
        if (base == Base.SDXL) {
            encoders.add(textEncoder("_2", base, textWeights));
        }
        checkWidths(form, base);
        PromptEncoder prompts = base == Base.SDXL
                ? PromptEncoder.of(encoders.get(0), encoders.get(1))
                : PromptEncoder.of(encoders.get(0));
        progress.stage("Loading VAE...");
        Codec codec = codecs.load(autoencoder);
        if (codec.latentChannels() != form.inChannels()) {
            throw new WeightsRejected(
                    "the denoiser takes " + form.inChannels() + " channels (unet/config.json, in_channels),"
                            + " the autoencoder gives " + codec.latentChannels());
        }
        Optional<Codec> previews = request.previews() ? codecs.previews(base, codec) : Optional.empty();
        if (request.acceleration() == Acceleration.NONE) {
            asStored(denoiserWeights);
        }
        Adapters adapters = adapters(form, denoiserWeights, textWeights, permanent);
        Texts texts = new Encoders(prompts);
        owned.add(texts);
        Collections.reverse(owned);
        boolean zeroNegative = base == Base.SDXL
                && index().path("force_zeros_for_empty_prompt").asBoolean(true);
        return new SdModel(
                base,
                distillation,
                denoiser,
                codec,
                previews,
                texts,
                schedule,
                NoiseSource.DRAWN,
                adapters,
                zeroNegative,
                placement,
                owned);
    }

    private record Encoders(PromptEncoder prompts) implements Texts {
        @Override
        public HeapEmbedding encode(String text, boolean weighting, int clipSkip) {
            try (TensorScope scope = TensorScope.inference()) {
                return HeapEmbedding.of(
                        weighting ? prompts.encode(text, clipSkip) : prompts.encodeLiterally(text, clipSkip));
            }
        }

        @Override
        public int mostSkipped() {
            return prompts.mostSkipped();
        }

        @Override
        public void forget() {
            prompts.forget();
        }

        @Override
        public void close() {
            prompts.close();
        }
    }

    private LoadedWeights weights(Path component, String stem, Placement where) {
        LoadedWeights weights = LoadedWeights.folder(component, stem, where);
        owned.add(weights);
        return weights;
    }

    private static void mention(LoadedWeights weights, String component) {
        Set<String> unused = weights.unused();
        if (!unused.isEmpty()) {
            log.info(
                    "{}: {} tensors are of no use here, such as {}",
                    component,
                    unused.size(),
                    unused.iterator().next());
        }
    }

    private TextEncoder textEncoder(String suffix, Base base, List<Weights> all) {
        String component = "text_encoder" + suffix;
        Path words = folder.resolve("tokenizer" + suffix);
        require(words, "vocab.json");
        require(words, "merges.txt");
        ClipTextConfig form = ClipTextConfig.read(config(component));
        LoadedWeights weights = weights(folder.resolve(component), "model", placement);
        ClipTextModel model = ClipTextModel.take(form, weights);
        mention(weights, component);
        ClipTokenizer tokenizer = ClipTokenizer.read(words);
        if (tokenizer.size() > form.vocabulary()) {
            throw new WeightsRejected("tokenizer" + suffix + " has " + tokenizer.size() + " symbols, " + component
                    + "/config.json says vocab_size " + form.vocabulary());
        }
        all.add(weights);
        TextEncoder.States states = base == Base.SDXL ? TextEncoder.States.PENULTIMATE : TextEncoder.States.LAST;
        return new TextEncoder(tokenizer, model, states, placement);
    }

    /** Text encoders of another family would fail at the first prompt only. */
    private void checkWidths(UNetConfig form, Base base) {
        ClipTextConfig first = ClipTextConfig.read(config("text_encoder"));
        int width = first.width();
        if (base == Base.SDXL) {
            ClipTextConfig second = ClipTextConfig.read(config("text_encoder_2"));
            width += second.width();
            UNetConfig.AddedTime added = form.addedTime().orElseThrow();
            int pooled = second.projection().orElse(second.width());
            if (added.inputWidth() != pooled + SIZES * added.width()) {
                throw new WeightsRejected("text_encoder_2 gives a pooled state of " + pooled + ", the denoiser's"
                        + " projection_class_embeddings_input_dim " + added.inputWidth() + " needs "
                        + (added.inputWidth() - SIZES * added.width()));
            }
        }
        if (width != form.crossWidth()) {
            throw new WeightsRejected("the text encoders give " + width + " numbers per token, the denoiser's"
                    + " cross_attention_dim is " + form.crossWidth());
        }
    }

    private Path lcmLora(Base base) {
        String hint = "; load with use_lcm_lora = false to go without";
        String repository = base.lcmLora.orElseThrow(() -> new PipelineLoadFailed(request.model()
                + " needs an LCM LoRA to make do with a few steps, and there is none for " + base.label + hint));
        return places.find(repository)
                .map(found -> found.resolve(LCM_LORA_FILE))
                .filter(Files::isRegularFile)
                .orElseThrow(() -> new PipelineLoadFailed("the LCM LoRA is not on this machine: there is no file "
                        + places.models().resolve(repository).resolve(LCM_LORA_FILE) + hint));
    }

    private Adapters adapters(UNetConfig form, Weights denoiser, List<Weights> texts, List<Path> permanent) {
        int layers = form.levels().get(0).resnets();
        Adapters adapters = new Adapters(new LoraTargets(denoiser, layers, texts));
        owned.add(adapters);
        permanent.forEach(file -> adapters.bakeIn(file, 1, 1));
        request.loras().stream()
                .filter(lora -> !lora.runtime())
                .forEach(lora -> adapters.bakeIn(places.lora(lora.path()), lora.scale(), lora.textScale()));
        request.loras().stream()
                .filter(ModelRequest.Lora::runtime)
                .forEach(lora -> adapters.addRuntime(lora.path(), places.lora(lora.path()), lora.scale()));
        return adapters;
    }

    /** Kernels back in the order in which files hold them. */
    private static void asStored(Weights weights) {
        try (TensorScope scope = TensorScope.plain()) {
            for (Tensor tensor : weights.parameters().values()) {
                if (tensor.dim() == 4) {
                    tensor.set_data(tensor.contiguous());
                }
            }
        }
    }

    private JsonNode index() {
        Path file = folder.resolve("model_index.json");
        return Files.exists(file) ? read(file) : MissingNode.getInstance();
    }

    private JsonNode config(String component) {
        return json(component, "config.json");
    }

    private JsonNode json(String component, String name) {
        Path where = folder.resolve(component);
        require(where, name);
        return read(where.resolve(name));
    }

    private void require(Path component, String name) {
        if (!Files.isRegularFile(component.resolve(name))) {
            throw new PipelineLoadFailed(request.model() + " is incomplete: there is no " + folder.relativize(component)
                    + "/" + name + " in " + folder);
        }
    }

    static JsonNode read(Path file) {
        String name =
                Optional.ofNullable(file.getParent()).map(Path::getFileName).orElse(file) + "/" + file.getFileName();
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException unreadable) {
            throw new WeightsRejected(name + " cannot be read", unreadable);
        }
    }
}
