package org.example.kaleidoscope;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepResult;
import java.util.List;

/**
 * What all sessions share: here only what was fixed at load. A model keeps its weights here.
 *
 * @param edge brightness around the round picture
 */
record KaleidoscopePipeline(PipelineSpec spec, double edge) implements Pipeline {
    @Override
    public Generation open(GenerationRequest request) {
        return new KaleidoscopeGeneration(edge, request.parameters());
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        return batch.stream()
                .map(generation -> ((KaleidoscopeGeneration) generation).compute())
                .toList();
    }

    @Override
    public void close() {}
}
