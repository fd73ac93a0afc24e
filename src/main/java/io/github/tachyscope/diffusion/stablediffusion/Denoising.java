package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The denoising step: pictures of several sessions, at their own noise levels, samplers and prompts, in one call of the
 * network. Latents stay in fp32 whatever the network computes in: at high noise levels their digits are few.
 */
final class Denoising {
    private final SdModel model;
    private final boolean channelsLast;

    Denoising(SdModel model, boolean channelsLast) {
        this.model = model;
        this.channelsLast = channelsLast;
    }

    /** @param jobs with equal batch keys: the same size, scales, number of rows and tokens */
    List<StepResult> run(List<Job.Denoise> jobs) {
        model.adapters().inDenoiser(jobs.get(0).scales());
        List<SigmaSampler.State> states = jobs.stream()
                .map(job -> job.state().orElseGet(() -> SigmaSampler.begin(begun(job))))
                .toList();
        Tensor output = evaluate(jobs, states);
        List<StepResult> results = new ArrayList<>();
        try {
            for (int i = 0; i < jobs.size(); i++) {
                int rows = jobs.get(i).guided() ? 2 : 1;
                results.add(advanced(jobs.get(i), states.get(i), output.narrow(0, (long) i * rows, rows)));
            }
            return results;
        } catch (RuntimeException | Error failure) {
            results.forEach(StepResult::discard);
            throw failure;
        }
    }

    private Tensor begun(Job.Denoise job) {
        Optional<Tensor> picture =
                job.picture().map(latents -> model.placement().place(latents, ScalarType.Float));
        if (!job.plan().addNoise()) {
            return picture.orElseGet(job.memory()::nothing);
        }
        Tensor noise = job.memory().first(job).mul(new Scalar(job.plan().path().entry()));
        return picture.map(noise::add).orElse(noise);
    }

    // All tensors that go in have shapes which the batch key fixes: the place where a captured graph would be replayed.
    private Tensor evaluate(List<Job.Denoise> jobs, List<SigmaSampler.State> states) {
        List<Conditioning> prompts = new ArrayList<>();
        List<TimeConditioning> times = new ArrayList<>();
        List<Tensor> samples = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Job.Denoise job = jobs.get(i);
            double sigma = job.plan().sampler().sigma(states.get(i).call());
            Tensor input = job.plan().model().input(states.get(i).x(), sigma);
            float[] timesteps = new float[job.guided() ? 2 : 1];
            Arrays.fill(timesteps, (float) job.plan().model().table().timestep(sigma));
            for (int row = 0; row < timesteps.length; row++) {
                samples.add(input);
            }
            Conditioning conditioning = job.memory().conditioning(job);
            prompts.add(conditioning);
            times.add(model.denoiser()
                    .time(model.placement().place(Tensor.create(timesteps), ScalarType.Float), conditioning));
        }
        Tensor sample = model.placement().place(StableDiffusionPipeline.rows(samples));
        return model.denoiser()
                .forward(
                        channelsLast ? sample.contiguous(MemoryFormat.ChannelsLast) : sample.contiguous(),
                        TimeConditioning.cat(times),
                        Conditioning.cat(prompts))
                .to(ScalarType.Float);
    }

    private static Computed.Denoised advanced(Job.Denoise job, SigmaSampler.State at, Tensor output) {
        Tensor predicted = output;
        if (job.guided()) {
            Tensor against = output.narrow(0, 0, 1);
            predicted = against.add(output.narrow(0, 1, 1).sub(against), new Scalar(job.guidance()));
        }
        SigmaSampler sampler = job.plan().sampler();
        Tensor clean = job.plan().model().clean(at.x(), predicted, sampler.sigma(at.call()));
        SigmaSampler.State next = sampler.after(at, clean, () -> job.memory().fresh(job, at.call()));
        return Computed.Denoised.keeping(job, next, clean);
    }
}
