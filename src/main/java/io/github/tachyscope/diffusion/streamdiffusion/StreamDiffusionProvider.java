package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
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
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code streamdiffusion}. */
public final class StreamDiffusionProvider implements PipelineProvider {
    static final String ID = "streamdiffusion";

    /** Sessions in one call; more gain nothing on the GPUs that this was measured for. */
    private static final int MAX_BATCH = 8;

    /** SD-Turbo in fp16: denoiser 1.7 GB, text encoder 0.7 GB. */
    private static final long WEIGHTS_BYTES = 2_500L << 20;

    /** Latents and noise of a session are small; most of this is what one step needs for a moment at 512x512. */
    private static final long SESSION_BYTES = 256L << 20;

    /** Encoded prompts and buffers, however small the pictures are. */
    private static final long LEAST_SESSION_BYTES = 32L << 20;

    private final ParameterSchema parameters = Schema.parameters();
    private final PipelineSpec spec = spec(parameters, Schema.SIDE, Schema.SIDE, 1, WEIGHTS_BYTES, SESSION_BYTES);
    private final ModelPlaces places;

    /** Without models; {@link #configured} says where they are. */
    public StreamDiffusionProvider() {
        this(new ModelPlaces(Path.of("models"), List.of()));
    }

    private StreamDiffusionProvider(ModelPlaces places) {
        this.places = places;
    }

    @Override
    public PipelineProvider configured(PipelineSettings settings) {
        return new StreamDiffusionProvider(new ModelPlaces(settings.models(), settings.loras()));
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
        LoadRequest request = LoadRequest.of(checked.accepted());
        try {
            return opened(checked.accepted(), request, ModelLoader.load(places, request.model(), placement, progress));
        } catch (WeightsRejected rejected) {
            throw new PipelineLoadFailed(
                    request.model().model() + " cannot be used: " + rejected.getMessage(), rejected);
        } catch (ParameterRejected rejected) {
            throw new PipelineLoadFailed(String.valueOf(rejected.getMessage()), rejected);
        }
    }

    /** Opens a session in each mode, so that values which nobody can start with are refused here. */
    private Pipeline opened(Parameters accepted, LoadRequest request, SdModel model) {
        try {
            PipelineSpec loaded = spec(parameters, request, model.bytes());
            Pipeline pipeline = new StreamPipeline(loaded, accepted, request, model);
            for (InputMode mode : InputMode.values()) {
                pipeline.open(new GenerationRequest(mode, Parameters.none())).close();
            }
            return pipeline;
        } catch (RuntimeException | Error failure) {
            model.close();
            throw failure;
        }
    }

    /** What a model is that was loaded like this. */
    static PipelineSpec spec(ParameterSchema parameters, LoadRequest request, long weightsBytes) {
        long area = (long) request.width() * request.height() * request.frames();
        long sessionBytes = Math.max(LEAST_SESSION_BYTES, SESSION_BYTES * area / (Schema.SIDE * Schema.SIDE));
        return spec(parameters, request.width(), request.height(), request.frames(), weightsBytes, sessionBytes);
    }

    /** @param frames that go through side by side */
    private static PipelineSpec spec(
            ParameterSchema parameters, int width, int height, int frames, long weightsBytes, long sessionBytes) {
        return new PipelineSpec(
                ID,
                "StreamDiffusion",
                "Restyles the camera, or makes pictures from a prompt, with models of the Stable Diffusion family: SD 1.5,"
                        + " SD 2.1, SD-Turbo, SDXL, SDXL-Turbo, SDXL-Lightning.",
                "1.0.0",
                Map.of(
                        InputMode.VIDEO,
                        defaults(width, height, new ChunkGeometry(frames, frames, frames, frames).overlapping(2)),
                        InputMode.TEXT,
                        defaults(width, height, new ChunkGeometry(0, 0, frames, frames))),
                InputMode.VIDEO,
                Set.of(
                        Capability.PROMPTS,
                        Capability.LORA,
                        Capability.FEWER_STEPS,
                        Capability.SMALLER_PICTURES,
                        Capability.RUN_SIZES),
                parameters,
                MAX_BATCH,
                weightsBytes,
                sessionBytes,
                Optional.empty(),
                true,
                ModelParameters.MULTIPLE,
                Schema.MIN_SIDE,
                Schema.MAX_SIDE);
    }

    private static ModeDefaults defaults(int width, int height, ChunkGeometry geometry) {
        return new ModeDefaults(width, height, geometry, List.of(), Optional.empty(), Optional.empty());
    }
}
