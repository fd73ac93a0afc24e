package io.github.tachyscope.diffusion.passthrough;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import java.util.List;

/** Has no weights. */
final class PassthroughPipeline implements Pipeline {
    private final PipelineSpec spec;
    private final PictureSize loaded;

    PassthroughPipeline(PipelineSpec spec, PictureSize loaded) {
        this.spec = spec;
        this.loaded = loaded;
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Generation open(GenerationRequest request) {
        request.size().ifPresent(size -> spec.requireSize(size, loaded));
        return new PassthroughGeneration(request.size());
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        return batch.stream()
                .map(generation -> ((PassthroughGeneration) generation).result())
                .toList();
    }

    @Override
    public void close() {}
}
