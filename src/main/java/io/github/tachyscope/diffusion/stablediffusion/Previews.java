package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Base;
import io.github.tachyscope.diffusion.sd.model.Codec;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.vae.LatentRgb;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Pictures of estimates: by a linear map, the tiny decoder or the model's own. */
final class Previews {
    private final SdModel model;

    Previews(SdModel model) {
        this.model = model;
    }

    /** The tiny autoencoder, if the model has one. */
    static Optional<Codec> tiny(SdModel model) {
        return model.codec() instanceof Codec.Tiny ? Optional.of(model.codec()) : model.previews();
    }

    /** @param jobs of one size and method */
    List<StepResult> run(List<Job.Preview> jobs) {
        PreviewMethod method = jobs.get(0).method();
        if (method == PreviewMethod.LATENT2RGB) {
            LatentRgb colours = model.base() == Base.SDXL ? LatentRgb.SDXL : LatentRgb.SD15;
            return jobs.stream()
                    .map(job -> (StepResult) new Computed.Seen(
                            colours.pictures(job.estimate(), job.chunk().ptsMicros())))
                    .toList();
        }
        Codec codec = method == PreviewMethod.TAESD ? tiny(model).orElseThrow() : model.codec();
        List<Tensor> estimates = jobs.stream().map(Job.Preview::estimate).toList();
        List<Long> times = jobs.stream().map(job -> job.chunk().ptsMicros()).toList();
        return jobs.get(0).pictures().frames(codec.decode(StableDiffusionPipeline.rows(estimates)), times).stream()
                .map(frame -> (StepResult) new Computed.Seen(List.of(frame)))
                .toList();
    }
}
