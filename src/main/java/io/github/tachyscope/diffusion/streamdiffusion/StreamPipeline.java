package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.LaneJobs;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.TextCache;
import io.github.tachyscope.diffusion.sd.sampling.SimilarFrames;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The steps; what they need of a session is in the job of its generation, and they change nothing there. A lane is one
 * thread: the text encoders belong to one, the denoiser's weights to another.
 */
final class StreamPipeline implements Pipeline {
    /** A size costs pools of pictures. */
    private static final int MOST_SIZES = 16;

    private final PipelineSpec spec;
    private final Parameters loaded;
    private final LoadRequest request;
    private final SdModel model;
    private final SharedBySize<Pictures> pictures;
    private final Denoising denoising;
    private final TextCache texts = new TextCache();

    /** Takes ownership of the model. */
    StreamPipeline(PipelineSpec spec, Parameters loaded, LoadRequest request, SdModel model) {
        this.spec = spec;
        this.loaded = loaded;
        this.request = request;
        this.model = model;
        this.pictures = new SharedBySize<>(
                MOST_SIZES, size -> new Pictures(size.width(), size.height(), model.placement()), freed -> {});
        this.denoising = new Denoising(model, request.model().acceleration());
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Generation open(GenerationRequest wanted) {
        PictureSize loadedSize = new PictureSize(request.width(), request.height());
        PictureSize size = wanted.size().orElse(loadedSize);
        spec.requireSize(size, loadedSize);
        RunSize<Pictures> sizes = new RunSize<>(pictures, size, spec.smaller(size));
        try {
            return new StreamGeneration(
                    spec, model, request.frames(), sizes, texts, wanted.mode(), loaded, wanted.parameters());
        } catch (RuntimeException failure) {
            sizes.close();
            throw failure;
        }
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        try (TensorScope scope = TensorScope.inference()) {
            List<Job> jobs = batch.stream()
                    .map(generation -> ((StreamGeneration) generation).job(lane))
                    .toList();
            Job first = jobs.get(0);
            if (first instanceof Job.Texts) {
                return prompts(LaneJobs.cast(jobs, Job.Texts.class));
            } else if (first instanceof Job.Encode) {
                return encode(LaneJobs.cast(jobs, Job.Encode.class));
            } else if (first instanceof Job.Decode) {
                return decode(LaneJobs.cast(jobs, Job.Decode.class));
            } else if (first instanceof Job.Repeat) {
                return LaneJobs.cast(jobs, Job.Repeat.class).stream()
                        .map(this::repeat)
                        .toList();
            }
            return denoising.run(jobs);
        }
    }

    private List<StepResult> prompts(List<Job.Texts> jobs) {
        return model.encode(jobs.stream().map(Job.Texts::keys).toList(), texts).stream()
                .<StepResult>map(Computed.Texts::new)
                .toList();
    }

    private List<StepResult> encode(List<Job.Encode> jobs) {
        Pictures pictures = jobs.get(0).chunk().pictures();
        List<VideoFrame> fitted = new ArrayList<>();
        try {
            List<Optional<Computed.Seen>> seen = new ArrayList<>();
            List<VideoFrame> wanted = new ArrayList<>();
            for (Job.Encode job : jobs) {
                List<VideoFrame> own = new ArrayList<>();
                for (VideoFrame frame : job.frames()) {
                    VideoFrame rgb = pictures.fitted(frame);
                    fitted.add(rgb);
                    own.add(rgb);
                }
                Optional<Computed.Seen> looked = job.filter().map(filter -> look(filter, pictures, own));
                seen.add(looked);
                if (!skipped(looked)) {
                    wanted.addAll(own);
                }
            }
            Optional<Tensor> latents = wanted.isEmpty()
                    ? Optional.empty()
                    : Optional.of(model.placement().place(model.codec().encode(pictures.tensor(wanted))));
            List<StepResult> results = new ArrayList<>();
            long row = 0;
            for (int i = 0; i < jobs.size(); i++) {
                Job.Encode job = jobs.get(i);
                if (skipped(seen.get(i))) {
                    results.add(new Computed.Encoded(job, Optional.empty(), seen.get(i)));
                } else {
                    long count = job.frames().size();
                    Tensor own = latents.orElseThrow().narrow(0, row, count);
                    results.add(new Computed.Encoded(job, Optional.of(TensorScope.keep(own)), seen.get(i)));
                    row += count;
                }
            }
            return results;
        } finally {
            fitted.forEach(VideoFrame::release);
        }
    }

    private static Computed.Seen look(Job.Filter filter, Pictures pictures, List<VideoFrame> frames) {
        float[] numbers = pictures.numbers(frames);
        SimilarFrames.Decision decision = filter.memory().decide(numbers, filter.uniform());
        return new Computed.Seen(numbers, decision);
    }

    private static boolean skipped(Optional<Computed.Seen> seen) {
        return seen.map(looked -> looked.decision().skip()).orElse(false);
    }

    private List<StepResult> decode(List<Job.Decode> jobs) {
        TensorVector rows = new TensorVector(jobs.size());
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            rows.put(i, jobs.get(i).latents());
            times.addAll(jobs.get(i).chunk().ptsMicros);
        }
        Tensor latents = jobs.size() == 1 ? jobs.get(0).latents() : torch.cat(rows, 0);
        Pictures pictures = jobs.get(0).chunk().pictures();
        List<VideoFrame> frames = pictures.frames(model.codec().decode(latents), times);
        List<StepResult> results = new ArrayList<>();
        int from = 0;
        for (Job.Decode job : jobs) {
            int to = from + job.chunk().ptsMicros.size();
            List<VideoFrame> own = List.copyOf(frames.subList(from, to));
            results.add(new Computed.Decoded(
                    job,
                    own,
                    job.remember()
                            ? Optional.of(own.stream().map(Pictures::copied).toList())
                            : Optional.empty()));
            from = to;
        }
        return results;
    }

    private StepResult repeat(Job.Repeat job) {
        List<VideoFrame> frames = new ArrayList<>();
        for (int i = 0; i < job.shown().size(); i++) {
            frames.add(job.chunk()
                    .pictures()
                    .again(job.shown().get(i), job.chunk().ptsMicros.get(i)));
        }
        return new Computed.Repeated(job, List.copyOf(frames));
    }

    @Override
    public void close() {
        model.close();
    }
}
