package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.PipelineSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

final class TinyProvider {
    static final long SEED = 42;
    static final int SIDE = 256;
    static final int MULTIPLE = 32;
    static final int MIN_SIDE = 256;
    static final int MAX_SIDE = 512;
    /** More pictures at once cost as much as one after the other on a processor. */
    static final int MAX_BATCH = 4;

    static PipelineSpec spec(int minSide) {
        return new PipelineSpec(
                "tiny",
                "Tiny",
                "Restyles the camera, or makes video from a prompt, with a model that comes with the server. Needs neither"
                        + " a GPU nor a download.",
                "1.0.0",
                Map.of(
                        InputMode.TEXT,
                        new ModeDefaults(
                                SIDE,
                                SIDE,
                                new ChunkGeometry(0, 0, 1, 1),
                                StepList.FROM_NOISE,
                                Optional.empty(),
                                Optional.empty()),
                        InputMode.VIDEO,
                        new ModeDefaults(
                                SIDE,
                                SIDE,
                                ChunkGeometry.FRAME_WISE.overlapping(2),
                                List.of(1000),
                                Optional.of(0.3),
                                Optional.of(false))),
                InputMode.VIDEO,
                Set.of(Capability.PROMPTS, Capability.CACHE_MANAGEMENT),
                new ParameterSchema(parameters(minSide)),
                MAX_BATCH,
                WEIGHTS_BYTES,
                SESSION_BYTES,
                Optional.empty(),
                false,
                MULTIPLE,
                minSide,
                MAX_SIDE);
    }

    /** 3.6 million numbers in fp32. */
    private static final long WEIGHTS_BYTES = 16L << 20;

    /** Latents and noise of a session are small; most of this is what one step needs for a moment at 512x512. */
    private static final long SESSION_BYTES = 24L << 20;

    private static List<ParameterSpec> parameters(int minSide) {
        ObjectNode smoothing = CommonParameters.number(
                "Share of the past in a temporal mean of the camera; calms a noisy camera, blurs motion", 0, 0, 0.9);
        smoothing
                .putObject("ui")
                .put("label", "Camera smoothing")
                .putArray("modes")
                .add("video");
        List<ParameterSpec> all = new ArrayList<>(CommonParameters.resolution(SIDE, SIDE, MULTIPLE, minSide, MAX_SIDE));
        all.add(CommonParameters.baseSeed(SEED));
        all.add(CommonParameters.prompts());
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        all.add(CommonParameters.denoisingSteps());
        all.add(CommonParameters.denoisingStepList());
        all.add(CommonParameters.noiseScale(0.3));
        all.add(CommonParameters.noiseController(false));
        all.add(new ParameterSpec(Controls.CAMERA_SMOOTHING, ParameterSpec.Kind.STICKY, smoothing));
        all.add(CommonParameters.manageCache());
        all.add(CommonParameters.resetCache());
        return all;
    }
}
