package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderKl;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderKlConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds and reads the autoencoders of a model. */
final class CodecLoader {
    private static final Logger log = LoggerFactory.getLogger(CodecLoader.class);

    /** How each of the pipelines' parameters asks for the tiny autoencoder. */
    private static final String WITH_TINY = "use_taesd = true or vae = tiny";

    private static final String WITH_FULL = "use_taesd = false or vae = full";

    private final ModelPlaces places;
    private final ModelRequest request;
    private final Path folder;
    private final Placement placement;
    private final List<AutoCloseable> owned;

    /**
     * @param folder of the model
     * @param owned gets the weights
     */
    CodecLoader(ModelPlaces places, ModelRequest request, Path folder, Placement placement, List<AutoCloseable> owned) {
        this.places = places;
        this.request = request;
        this.folder = folder;
        this.placement = placement;
        this.owned = owned;
    }

    /** The folder of the autoencoder that was asked for. */
    Path wanted(Base base) {
        Path own = folder.resolve("vae");
        boolean ownIsTiny =
                Files.exists(own.resolve("config.json")) && isTiny(ModelLoader.read(own.resolve("config.json")));
        if (!request.autoencoder().equals(ModelRequest.FULL)
                && !request.autoencoder().equals(ModelRequest.TINY)) {
            return otherAutoencoder(request.autoencoder());
        }
        if (request.autoencoder().equals(ModelRequest.FULL)) {
            if (ownIsTiny) {
                throw new PipelineLoadFailed(
                        request.model() + " has no full autoencoder, its vae is a tiny one; load it with " + WITH_TINY);
            }
            return complete(own, request.model());
        }
        if (ownIsTiny) {
            String source = ModelLoader.read(own.resolve("config.json"))
                    .path("_name_or_path")
                    .asText();
            if (base == Base.SDXL && source.endsWith("taesd")) {
                log.warn("{}: its vae is that of SD 1.x and 2.x ({}), colours will be wrong", request.model(), source);
            }
            return own;
        }
        return places.find(base.tinyAutoencoder)
                .orElseThrow(() -> new PipelineLoadFailed("the tiny autoencoder " + base.tinyAutoencoder
                        + " is not on this"
                        + " machine: there is no folder " + places.models().resolve(base.tinyAutoencoder)
                        + "; download it, or load with " + WITH_FULL));
    }

    private Path otherAutoencoder(String name) {
        Path other = places.model(name);
        Path inside = other.resolve("vae");
        return complete(Files.isDirectory(inside) ? inside : other, "the autoencoder " + name);
    }

    private static Path complete(Path found, String whose) {
        if (!Files.isRegularFile(found.resolve("config.json"))) {
            throw new PipelineLoadFailed(whose + " is incomplete: there is no " + found.getFileName()
                    + "/config.json in " + found.getParent());
        }
        return found;
    }

    private static boolean isTiny(JsonNode config) {
        return config.path("_class_name").asText().equals("AutoencoderTiny");
    }

    Codec load(Path where) {
        JsonNode config = ModelLoader.read(where.resolve("config.json"));
        if (isTiny(config)) {
            AutoencoderTinyConfig form = AutoencoderTinyConfig.read(config);
            if (form.unitRange()) {
                throw new WeightsRejected("the tiny autoencoder's pixel_range must be [-1, 1]");
            }
            LoadedWeights weights = weights(where, ModelLoader.NETWORK, placement);
            return new Codec.Tiny(AutoencoderTiny.take(form, weights), placement);
        }
        AutoencoderKlConfig form = AutoencoderKlConfig.read(config);
        Placement wide = wide(placement, form.overflowsInHalf());
        LoadedWeights weights = weights(where, ModelLoader.NETWORK, wide);
        return new Codec.Full(AutoencoderKl.take(form, weights), wide);
    }

    /** The tiny autoencoder beside another one, if it is there and of any use. */
    Optional<Codec> previews(Base base, Codec codec) {
        Optional<Path> tiny = codec instanceof Codec.Tiny ? Optional.empty() : places.find(base.tinyAutoencoder);
        if (tiny.isEmpty()) {
            return Optional.empty();
        }
        try {
            Codec small = load(tiny.get());
            boolean fits = small.latentChannels() == codec.latentChannels() && small.reduction() == codec.reduction();
            return fits ? Optional.of(small) : Optional.empty();
        } catch (WeightsRejected broken) {
            log.warn("no previews with {}: {}", base.tinyAutoencoder, broken.getMessage());
            return Optional.empty();
        }
    }

    /** Features of SDXL's autoencoder exceed what fp16 can hold, and pictures would be black. */
    static Placement wide(Placement placement, boolean overflowsInHalf) {
        return overflowsInHalf && placement.precision() == Precision.FP16 ? placement.with(Precision.FP32) : placement;
    }

    private LoadedWeights weights(Path component, String stem, Placement where) {
        LoadedWeights weights = LoadedWeights.folder(component, stem, where);
        owned.add(weights);
        return weights;
    }
}
