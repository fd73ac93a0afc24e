package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.sd.model.ModelLoader;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.ModelPlaces;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code stable-diffusion}. */
public final class StableDiffusionProvider implements PipelineProvider {
    static final String ID = "stable-diffusion";

    /** Pictures in one call, two rows each; more gain little and need memory for the denoiser's features. */
    private static final int MAX_BATCH = 4;

    /** SD 1.5 in fp16: denoiser 1.7 GB, text encoder 0.25 GB, autoencoder 0.17 GB. */
    private static final long WEIGHTS_BYTES = 2_200L << 20;

    /** Latents of a session are small; most of this is what the full decoder needs for a moment at 512x512. */
    private static final long SESSION_BYTES = 512L << 20;

    private final ParameterSchema parameters = Schema.parameters();
    private final PipelineSpec spec = spec(parameters, WEIGHTS_BYTES);
    private final ModelPlaces places;

    /** Without models; {@link #configured} says where they are. */
    public StableDiffusionProvider() {
        this(new ModelPlaces(Path.of("models"), List.of()));
    }

    private StableDiffusionProvider(ModelPlaces places) {
        this.places = places;
    }

    @Override
    public PipelineProvider configured(PipelineSettings settings) {
        return new StableDiffusionProvider(new ModelPlaces(settings.models(), settings.loras()));
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Pipeline load(Parameters given, Placement placement, LoadProgress progress) {
        progress.stage("Initialising pipeline...");
        Torch.require();
        ParameterSchema.Checked checked = parameters.checkLoad(given);
        if (!checked.refused().isEmpty()) {
            throw new PipelineLoadFailed(checked.refused().get(0).message());
        }
        Parameters accepted = checked.accepted();
        ModelRequest request = ModelRequest.of(
                accepted, false, accepted.value(Schema.VAE).orElseThrow().asText(), true);
        try {
            return opened(accepted, request, ModelLoader.load(places, request, placement, progress));
        } catch (WeightsRejected rejected) {
            throw new PipelineLoadFailed(request.model() + " cannot be used: " + rejected.getMessage(), rejected);
        } catch (ParameterRejected rejected) {
            throw new PipelineLoadFailed(String.valueOf(rejected.getMessage()), rejected);
        }
    }

    /** Opens a session in each mode, so that values which nobody can start with are refused here. */
    private Pipeline opened(Parameters accepted, ModelRequest request, SdModel model) {
        try {
            PictureSize size = CommonParameters.size(accepted, spec.modes().get(InputMode.TEXT));
            PipelineSpec loaded = spec(parameters, model.bytes()).loadedFor(size);
            Pipeline pipeline = new StableDiffusionPipeline(loaded, accepted, model, request.acceleration());
            for (InputMode mode : InputMode.values()) {
                pipeline.open(new GenerationRequest(mode, Parameters.none())).close();
            }
            return pipeline;
        } catch (RuntimeException | Error failure) {
            model.close();
            throw failure;
        }
    }

    /** What a model with so many bytes of weights is, loaded for the usual size. */
    static PipelineSpec spec(ParameterSchema parameters, long weightsBytes) {
        return new PipelineSpec(
                ID,
                "Stable Diffusion",
                "Makes pictures from prompts, or from pictures and prompts, with models of the Stable Diffusion family and a"
                        + " choice of samplers: SD 1.5, SD 2.1, SD-Turbo, SDXL, SDXL-Turbo, SDXL-Lightning.",
                "1.0.0",
                Map.of(
                        InputMode.TEXT,
                        defaults(new ChunkGeometry(0, 0, 1, 1)),
                        InputMode.VIDEO,
                        defaults(ChunkGeometry.FRAME_WISE)),
                InputMode.TEXT,
                Set.of(Capability.PROMPTS, Capability.LORA, Capability.RUN_SIZES, Capability.PREVIEWS),
                parameters,
                MAX_BATCH,
                weightsBytes,
                SESSION_BYTES,
                Optional.empty(),
                true,
                ModelParameters.MULTIPLE,
                Schema.MIN_SIDE,
                Schema.MAX_SIDE);
    }

    private static ModeDefaults defaults(ChunkGeometry geometry) {
        return new ModeDefaults(
                Schema.SIDE, Schema.SIDE, geometry.overlapping(2), List.of(), Optional.empty(), Optional.empty());
    }
}
