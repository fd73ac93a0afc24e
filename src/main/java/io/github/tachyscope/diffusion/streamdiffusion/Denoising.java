package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Acceleration;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.EulerSteps;
import io.github.tachyscope.diffusion.sd.sampling.FrameSteps;
import io.github.tachyscope.diffusion.sd.sampling.StreamBatch;
import io.github.tachyscope.diffusion.sd.sampling.StreamRows;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** The denoising step: the rows of several sessions, at their own noise levels and prompts, in one call of the network. */
final class Denoising {
    private final SdModel model;
    private final boolean channelsLast;

    Denoising(SdModel model, Acceleration acceleration) {
        this.model = model;
        this.channelsLast = acceleration != Acceleration.NONE;
    }

    /** One session's part of a call. */
    private interface Part {
        StreamRows rows();

        /** Its result; kept. */
        Computed finish(Tensor output);

        /** Frees what was made for the call and is not part of the result. */
        void end();
    }

    /** @param jobs with equal batch keys: the same scales, number of rows and tokens */
    List<StepResult> run(List<Job> jobs) {
        List<Part> parts = new ArrayList<>();
        List<StepResult> results = new ArrayList<>();
        try {
            model.adapters().inDenoiser(drive(jobs.get(0)).scales());
            for (Job job : jobs) {
                parts.add(part(job));
            }
            Tensor output = evaluate(jobs, parts);
            long row = 0;
            for (Part part : parts) {
                long count = part.rows().timesteps().length;
                results.add(part.finish(output.narrow(0, row, count)));
                row += count;
            }
            return results;
        } catch (RuntimeException | Error failure) {
            results.forEach(StepResult::discard);
            throw failure;
        } finally {
            parts.forEach(Part::end);
        }
    }

    private Part part(Job job) {
        if (job instanceof Job.Call call) {
            return new StreamPart(call);
        }
        Job.Step step = (Job.Step) job;
        return step.drive().plan().sampler() == Sampler.LCM ? new LonePart(step) : new EulerPart(step);
    }

    private static Job.Drive drive(Job job) {
        return job instanceof Job.Call call ? call.drive() : ((Job.Step) job).drive();
    }

    // All tensors that go in have shapes which the batch key fixes: the place where a captured graph would be replayed.
    private Tensor evaluate(List<Job> jobs, List<Part> parts) {
        List<Conditioning> prompts = new ArrayList<>();
        List<TimeConditioning> times = new ArrayList<>();
        TensorVector samples = new TensorVector(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            Job.Drive drive = drive(jobs.get(i));
            DenoiserMemory.Rows rows = drive.memory().rows(parts.get(i).rows(), drive);
            prompts.add(rows.prompts());
            times.add(rows.times());
            samples.put(i, parts.get(i).rows().sample());
        }
        Tensor sample = parts.size() == 1 ? samples.get(0) : torch.cat(samples, 0);
        return model.denoiser()
                .forward(
                        channelsLast ? sample.contiguous(MemoryFormat.ChannelsLast) : sample.contiguous(),
                        TimeConditioning.cat(times),
                        Conditioning.cat(prompts));
    }

    /** A call of a session's stream. */
    private final class StreamPart implements Part {
        private final Job.Call job;
        private final Stream stream;
        private final boolean made;
        private final StreamRows rows;

        StreamPart(Job.Call job) {
            this.job = job;
            Job.Drive drive = job.drive();
            Optional<Stream> fitting = job.stream().filter(present -> present.fits(drive.plan(), drive.size()));
            made = fitting.isEmpty();
            stream = fitting.orElseGet(() -> job.stream()
                    .map(present -> present.adapted(model, drive.plan(), drive.size(), drive.frames()))
                    .orElseGet(() -> Stream.fresh(model, drive.plan(), drive.size(), drive.frames(), 0)));
            try {
                rows = job.latents()
                        .map(entering -> stream.batch().enter(entering, drive.settings()))
                        .orElseGet(() -> stream.batch().enterNoise(noise(), drive.settings()));
            } catch (RuntimeException | Error failure) {
                end();
                throw failure;
            }
        }

        private Tensor noise() {
            Job.Drive drive = job.drive();
            return model.placement()
                    .place(model.noise()
                            .ofPicture(
                                    drive.plan().seeds(),
                                    stream.calls(),
                                    0,
                                    drive.frames(),
                                    model.latent(drive.size())));
        }

        @Override
        public StreamRows rows() {
            return rows;
        }

        @Override
        public Computed finish(Tensor output) {
            StreamBatch.Advance advance =
                    stream.batch().advance(rows, output, job.drive().settings());
            // The latents are a part of a larger tensor, which would stay as long as they do.
            Tensor latents = advance.latents().clone();
            return new Computed.Called(job, stream.after(advance), TensorScope.keep(latents));
        }

        @Override
        public void end() {
            if (made) {
                stream.close();
            }
        }
    }

    /** The noise that a step of a chunk which goes alone begins with. */
    private Tensor noise(Job.Step job, int step) {
        Job.Drive drive = job.drive();
        if (!job.freshNoise()) {
            return drive.memory().noise(drive.plan(), drive.size()).narrow(0, step, 1);
        }
        return model.placement()
                .place(model.noise()
                        .ofPicture(
                                drive.plan().seeds(),
                                job.chunk().index,
                                step,
                                drive.frames(),
                                model.latent(drive.size())));
    }

    /** A step of a chunk that goes alone. */
    private final class LonePart implements Part {
        private final Job.Step job;
        private final FrameSteps steps;
        private final Tensor x;
        private final StreamRows rows;

        LonePart(Job.Step job) {
            this.job = job;
            steps = new FrameSteps(job.drive().plan().steps(model.schedule()));
            if (job.step() > 0) {
                x = job.latents().orElseThrow();
            } else {
                x = job.latents()
                        .map(camera -> steps.enter(camera, noise(job, 0)))
                        .orElseGet(() -> noise(job, 0));
            }
            rows = steps.rows(x, job.step(), job.drive().settings());
        }

        @Override
        public StreamRows rows() {
            return rows;
        }

        @Override
        public Computed finish(Tensor output) {
            boolean last = job.step() + 1 == job.drive().plan().count();
            Tensor virtual = job.virtual().orElseGet(() -> noise(job, job.step()));
            FrameSteps.Advance advance = steps.advance(
                    rows,
                    output,
                    job.step(),
                    virtual,
                    last ? Optional.empty() : Optional.of(noise(job, job.step() + 1)),
                    job.drive().settings());
            return new Computed.Stepped(
                    job, TensorScope.keep(advance.latents()), advance.virtual().map(TensorScope::keep));
        }

        @Override
        public void end() {
            // Everything it made belongs to the scope of the call.
        }
    }

    /** The same with an Euler sampler. */
    private final class EulerPart implements Part {
        private final Job.Step job;
        private final EulerSteps steps;
        private final Tensor x;
        private final StreamRows rows;

        EulerPart(Job.Step job) {
            this.job = job;
            Plan plan = job.drive().plan();
            steps = EulerSteps.of(
                    model.schedule(), plan.count(), plan.strength(), plan.sampler() == Sampler.EULER_ANCESTRAL);
            if (job.step() > 0) {
                x = job.latents().orElseThrow();
            } else {
                x = job.latents()
                        .map(camera -> steps.enter(camera, noise(job, 0)))
                        .orElseGet(() -> steps.start(noise(job, 0)));
            }
            rows = steps.rows(x, job.step(), job.drive().settings());
        }

        @Override
        public StreamRows rows() {
            return rows;
        }

        @Override
        public Computed finish(Tensor output) {
            boolean last = job.step() + 1 == job.drive().plan().count();
            Tensor next = steps.advance(
                    x,
                    rows,
                    output,
                    job.step(),
                    last ? Optional.empty() : Optional.of(noise(job, job.step() + 1)),
                    job.drive().settings());
            return new Computed.Stepped(job, TensorScope.keep(next), Optional.empty());
        }

        @Override
        public void end() {
            // Everything it made belongs to the scope of the call.
        }
    }
}
