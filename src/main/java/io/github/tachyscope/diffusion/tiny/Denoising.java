package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The denoising step: {@code x = (1 - sigma) z + sigma n}, then the denoiser's idea of the clean latents. Each row of a
 * batch has its own noise level, noise and prompt.
 */
final class Denoising {
    private Denoising() {}

    static List<StepResult> run(Networks networks, List<Job.Denoise> jobs) {
        double[] sigmas = new double[jobs.size()];
        List<Networks.Guidance> guidance = new ArrayList<>();
        TensorVector noisy = new TensorVector(jobs.size());
        List<Optional<Tensor>> means = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Job.Denoise job = jobs.get(i);
            sigmas[i] = job.sigma();
            guidance.add(job.memory().guidance(job.prompt()));
            Optional<Tensor> mean = smoothed(job);
            means.add(mean);
            noisy.put(i, noisy(job, mean.or(job::latents)));
        }
        Tensor clean = networks.denoise(joined(noisy), sigmas, guidance);
        List<StepResult> results = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Tensor row = jobs.size() == 1 ? clean : clean.narrow(0, i, 1);
            results.add(new Computed.Denoised(
                    jobs.get(i), TensorScope.keep(row), means.get(i).map(TensorScope::keep)));
        }
        return results;
    }

    private static Tensor joined(TensorVector rows) {
        return rows.size() == 1 ? rows.get(0) : torch.cat(rows, 0);
    }

    /** The camera's temporal mean with this frame, where it is wanted. */
    private static Optional<Tensor> smoothed(Job.Denoise job) {
        if (job.smoothing() == 0) {
            return Optional.empty();
        }
        return job.latents()
                .map(camera -> job.mean()
                        .map(mean -> torch.lerp(camera, mean, new Scalar(job.smoothing())))
                        .orElse(camera));
    }

    private static Tensor noisy(Job.Denoise job, Optional<Tensor> start) {
        NoiseBank bank = job.memory().noise(job.chunk().size());
        Tensor noise = job.position()
                .map(position -> bank.walking(job.seed(), job.step(), position))
                .orElseGet(() -> bank.still(job.seed(), job.step()));
        Scalar sigma = new Scalar(job.sigma());
        return start.map(clean -> torch.lerp(clean, noise, sigma)).orElseGet(() -> noise.mul(sigma));
    }
}
