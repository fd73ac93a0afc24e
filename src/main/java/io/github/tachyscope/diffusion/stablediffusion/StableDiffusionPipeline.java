package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.LaneJobs;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Acceleration;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.TextCache;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The steps; what they need of a session is in the job of its generation, and they change nothing there. A lane is one
 * thread: the text encoders belong to one, the denoiser's weights to another.
 */
final class StableDiffusionPipeline implements Pipeline {
    /** Sizes in use at a time; each has pools of pictures. */
    private static final int MOST_SIZES = 16;

    private final PipelineSpec spec;
    private final Parameters loaded;
    private final SdModel model;
    private final PictureSize size;
    private final SharedBySize<Pictures> pictures;
    private final Denoising denoising;
    private final Previews previews;
    private final TextCache texts = new TextCache();

    /** Takes ownership of the model. */
    StableDiffusionPipeline(PipelineSpec spec, Parameters loaded, SdModel model, Acceleration acceleration) {
        this.spec = spec;
        this.loaded = loaded;
        this.model = model;
        this.size = spec.size();
        this.pictures = new SharedBySize<>(
                MOST_SIZES, each -> new Pictures(each.width(), each.height(), model.placement()), freed -> {});
        this.denoising = new Denoising(model, acceleration != Acceleration.NONE);
        this.previews = new Previews(model);
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Generation open(GenerationRequest wanted) {
        PictureSize own = wanted.size().orElse(size);
        spec.requireSize(own, size);
        SharedBySize<Pictures>.Share share = pictures.open(own);
        try {
            return new PictureGeneration(
                    spec,
                    model,
                    share,
                    texts,
                    wanted.mode(),
                    loaded.without(Parameters.TRANSITION).merge(wanted.parameters()));
        } catch (RuntimeException refused) {
            share.close();
            throw refused;
        }
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        try (TensorScope scope = TensorScope.inference()) {
            List<Job> jobs = batch.stream()
                    .map(generation -> ((PictureGeneration) generation).job(lane))
                    .toList();
            Job first = jobs.get(0);
            if (first instanceof Job.Texts) {
                return prompts(LaneJobs.cast(jobs, Job.Texts.class));
            } else if (first instanceof Job.Encode) {
                return encode(LaneJobs.cast(jobs, Job.Encode.class));
            } else if (first instanceof Job.Decode) {
                return decode(LaneJobs.cast(jobs, Job.Decode.class));
            } else if (first instanceof Job.Preview) {
                return previews.run(LaneJobs.cast(jobs, Job.Preview.class));
            }
            return denoising.run(LaneJobs.cast(jobs, Job.Denoise.class));
        }
    }

    private List<StepResult> prompts(List<Job.Texts> jobs) {
        return model.encode(jobs.stream().map(Job.Texts::keys).toList(), texts).stream()
                .<StepResult>map(Computed.Texts::new)
                .toList();
    }

    private List<StepResult> encode(List<Job.Encode> jobs) {
        Pictures own = jobs.get(0).pictures();
        List<VideoFrame> fitted = new ArrayList<>();
        try {
            jobs.forEach(job -> fitted.add(own.fitted(job.frame())));
            Tensor latents = model.placement().place(model.codec().encode(own.tensor(fitted)), ScalarType.Float);
            List<StepResult> results = new ArrayList<>();
            for (int i = 0; i < jobs.size(); i++) {
                results.add(new Computed.Encoded(jobs.get(i), TensorScope.keep(latents.narrow(0, i, 1))));
            }
            return results;
        } finally {
            fitted.forEach(VideoFrame::release);
        }
    }

    private List<StepResult> decode(List<Job.Decode> jobs) {
        List<Tensor> latents = jobs.stream()
                .map(job -> job.latents().orElseGet(job.memory()::nothing))
                .toList();
        List<Long> times = jobs.stream().map(job -> job.chunk().ptsMicros()).toList();
        List<VideoFrame> frames = jobs.get(0).pictures().frames(model.codec().decode(rows(latents)), times);
        List<StepResult> results = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            results.add(new Computed.Decoded(jobs.get(i), List.of(frames.get(i))));
        }
        return results;
    }

    /** One after the other. */
    static Tensor rows(List<Tensor> parts) {
        return parts.size() == 1 ? parts.get(0) : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
    }

    @Override
    public void close() {
        model.close();
    }
}
