package org.example.kaleidoscope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.tensor.Placement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code kaleidoscope}: the door through which the server enters. */
public final class KaleidoscopeProvider implements PipelineProvider {
    static final String SEGMENTS = "segments";
    static final String ANGLE = "angle";
    static final String ZOOM = "zoom";
    static final String MIRRORED = "mirrored";
    static final String HUE = "hue";
    static final String EDGE = "edge";

    private static final int MIN_SIDE = 16;
    private static final int MAX_SIDE = 2048;

    private static final PipelineSpec SPEC = new PipelineSpec(
            "kaleidoscope",
            "Kaleidoscope",
            "Mirrors the camera into a star. Needs no model.",
            "1.0.0",
            Map.of(
                    InputMode.VIDEO,
                    new ModeDefaults(
                            512, 512, ChunkGeometry.FRAME_WISE, List.of(), Optional.empty(), Optional.empty())),
            InputMode.VIDEO,
            Set.of(),
            new ParameterSchema(List.of(
                    shown(SEGMENTS, "Segments", CommonParameters.integer("Mirrors around the centre", 6, 2, 24)),
                    shown(ANGLE, "Angle", CommonParameters.number("Turns the mirrors, in degrees", 0, -180, 180)),
                    shown(ZOOM, "Zoom", CommonParameters.number("Enlarges the camera's picture", 1, 0.25, 4)),
                    shown(MIRRORED, "Mirror", CommonParameters.bool("Mirror every segment instead of repeating it", true)),
                    shown(HUE, "Hue", CommonParameters.number("Turns the colours, in degrees", 0, -180, 180)),
                    edge())),
            1,
            0,
            0,
            Optional.empty(),
            false,
            1,
            MIN_SIDE,
            MAX_SIDE);

    /** A run-time parameter with a control: what has a {@code ui} object is drawn on the page. */
    private static ParameterSpec shown(String name, String label, ObjectNode schema) {
        schema.putObject("ui").put("label", label);
        return new ParameterSpec(name, ParameterSpec.Kind.STICKY, schema);
    }

    /** A load-time parameter: changing it means loading the pipeline again. */
    private static ParameterSpec edge() {
        ObjectNode schema = CommonParameters.number("Brightness around the round picture; 1 keeps it square", 1, 0, 1);
        schema.putObject("ui").put("label", "Edge brightness");
        return new ParameterSpec(EDGE, ParameterSpec.Kind.LOAD, schema);
    }

    @Override
    public PipelineSpec spec() {
        return SPEC;
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        progress.stage("Polishing the mirrors...");
        Parameters complete = SPEC.parameters().checkLoad(parameters).accepted();
        return new KaleidoscopePipeline(SPEC, complete.value(EDGE).orElseThrow().asDouble());
    }
}
