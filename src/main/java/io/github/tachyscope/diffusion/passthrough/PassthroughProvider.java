package io.github.tachyscope.diffusion.passthrough;

import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.tensor.Placement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code passthrough}. */
public final class PassthroughProvider implements PipelineProvider {
    private static final int MAX_BATCH = 16;
    private static final PipelineSpec SPEC = new PipelineSpec(
            "passthrough",
            "Passthrough",
            "Returns the input video unchanged. Needs no model.",
            "1.0.0",
            Map.of(
                    InputMode.VIDEO,
                    new ModeDefaults(
                            512, 512, ChunkGeometry.FRAME_WISE, List.of(), Optional.empty(), Optional.empty())),
            InputMode.VIDEO,
            Set.of(Capability.RUN_SIZES),
            new ParameterSchema(CommonParameters.resolution(512, 512, 1, 16, 2048)),
            MAX_BATCH,
            0,
            0,
            Optional.empty(),
            false,
            1,
            16,
            2048);

    @Override
    public PipelineSpec spec() {
        return SPEC;
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        Parameters complete = SPEC.parameters().checkLoad(parameters).accepted();
        return new PassthroughPipeline(
                SPEC, CommonParameters.size(complete, SPEC.modes().get(InputMode.VIDEO)));
    }
}
