package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The steps; what they need of a session is in the job of its generation, and they change nothing there. A lane is one
 * thread, so each step's own memory (packed pictures) is touched by one thread at a time.
 */
final class TinyPipeline implements Pipeline {
    /** A size costs a batch of packed pictures, of 3 MiB at most, and a pool of such pictures. */
    static final int MOST_SIZES = 16;

    /** Pooled pictures of a size: those of a full batch, on their way to the encoder. */
    private static final int POOLED_FRAMES = 16;

    private final PipelineSpec spec;
    private final Parameters loaded;
    private final Networks networks;
    private final PictureSize size;
    private final SharedBySize<Pictures> pictures;
    private final TextCache texts = new TextCache();

    /** @param size of the pictures of runs that ask for none of their own */
    TinyPipeline(PipelineSpec spec, Parameters loaded, Networks networks, PictureSize size) {
        this.spec = spec.loadedFor(size);
        this.loaded = loaded;
        this.networks = networks;
        this.size = size;
        this.pictures = new SharedBySize<>(
                MOST_SIZES,
                each -> new Pictures(each, spec.maxBatch(), POOLED_FRAMES, networks.placement()),
                Pictures::close);
    }

    /** Makes one frame of nothing: the first use of each shape is slow. */
    void warmUp() {
        Torch.useThreads(1);
        byte[] black = new byte[PixelFormat.RGB24.bytes(size.width(), size.height())];
        try (Generation generation = open(new GenerationRequest(InputMode.VIDEO, Parameters.none()))) {
            generation.feed(List.of(VideoFrame.of(PixelFormat.RGB24, size.width(), size.height(), black, 0)));
            generation.demand();
            for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE, Lane.CODEC)) {
                generation.begin(lane);
                StepResult result = run(lane, List.of(generation)).get(0);
                result.frames().forEach(VideoFrame::release);
                generation.commit(result);
            }
        }
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Generation open(GenerationRequest request) {
        PictureSize wanted = request.size().orElse(size);
        spec.requireSize(wanted, size);
        RunSize<Pictures> sizes = new RunSize<>(pictures, wanted, spec.smaller(wanted));
        try {
            return new TinyGeneration(
                    request.mode(),
                    spec.modes().get(request.mode()),
                    spec.id(),
                    networks.placement().precision(),
                    sizes,
                    new PromptState(texts, networks.promptWidth()),
                    new DenoiserMemory(networks),
                    loaded.merge(request.parameters()));
        } catch (RuntimeException failure) {
            sizes.close();
            throw failure;
        }
    }

    @Override
    public List<StepResult> run(Lane lane, List<Generation> batch) {
        try (TensorScope scope = TensorScope.inference()) {
            List<Job> jobs = batch.stream()
                    .map(generation -> ((TinyGeneration) generation).job(lane))
                    .toList();
            Job first = jobs.get(0);
            if (first instanceof Job.Texts) {
                return prompts(cast(jobs, Job.Texts.class));
            } else if (first instanceof Job.Encode) {
                return encode(cast(jobs, Job.Encode.class));
            } else if (first instanceof Job.Denoise) {
                return Denoising.run(networks, cast(jobs, Job.Denoise.class));
            }
            return first instanceof Job.Preview
                    ? previews(cast(jobs, Job.Preview.class))
                    : decode(cast(jobs, Job.Decode.class));
        }
    }

    private static <J extends Job> List<J> cast(List<Job> jobs, Class<J> type) {
        return jobs.stream().map(type::cast).toList();
    }

    private List<StepResult> prompts(List<Job.Texts> jobs) {
        Set<String> wanted = new LinkedHashSet<>();
        jobs.forEach(job -> wanted.addAll(job.texts()));
        List<String> all = List.copyOf(wanted);
        List<float[]> encoded = networks.prompts(all);
        Map<String, float[]> byText = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            byText.put(all.get(i), encoded.get(i));
            texts.put(all.get(i), encoded.get(i));
        }
        List<StepResult> results = new ArrayList<>();
        for (Job.Texts job : jobs) {
            Map<String, float[]> own = new HashMap<>(byText);
            own.keySet().retainAll(job.texts());
            results.add(new Computed.Prompts(own));
        }
        return results;
    }

    private List<StepResult> encode(List<Job.Encode> jobs) {
        Pictures own = jobs.get(0).chunk().pictures();
        Tensor all = own.tensor(jobs.stream().map(Job.Encode::frame).toList());
        Tensor latents = networks.encode(all);
        List<Double> motions = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            motions.add(jobs.get(i).keep() ? motion(jobs.get(i), all.narrow(0, i, 1)) : 0.0);
        }
        List<StepResult> results = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Optional<Tensor> picture =
                    jobs.get(i).keep() ? Optional.of(TensorScope.keep(all.narrow(0, i, 1))) : Optional.empty();
            results.add(new Computed.Encoded(
                    jobs.get(i), TensorScope.keep(latents.narrow(0, i, 1)), picture, motions.get(i)));
        }
        return results;
    }

    private static double motion(Job.Encode job, Tensor picture) {
        // Pictures are 0 to 1; motion is told in units of -1 to 1.
        return job.previous()
                .map(previous -> 2
                        * Math.sqrt(
                                picture.sub(previous).pow(new Scalar(2)).mean().item_double()))
                .orElse(0.0);
    }

    private List<StepResult> decode(List<Job.Decode> jobs) {
        List<VideoFrame> frames = decoded(
                jobs.stream().map(Job.Decode::chunk).toList(),
                jobs.stream().map(Job.Decode::latents).toList());
        List<StepResult> results = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            results.add(new Computed.Decoded(jobs.get(i), List.of(frames.get(i))));
        }
        return results;
    }

    /** All of one method; the decoder of this model is a small one already. */
    private List<StepResult> previews(List<Job.Preview> jobs) {
        List<VideoFrame> frames = jobs.get(0).method() == PreviewMethod.LATENT2RGB
                ? jobs.stream()
                        .map(job -> TinyColours.TABLE
                                .pictures(job.latents(), job.chunk().ptsMicros)
                                .get(0))
                        .toList()
                : decoded(
                        jobs.stream().map(Job.Preview::chunk).toList(),
                        jobs.stream().map(Job.Preview::latents).toList());
        return frames.stream()
                .map(frame -> (StepResult) new Computed.Seen(List.of(frame)))
                .toList();
    }

    /** Pictures of the same size, as one batch. */
    private List<VideoFrame> decoded(List<TinyChunk> chunks, List<Tensor> latents) {
        Tensor all =
                latents.size() == 1 ? latents.get(0) : torch.cat(new TensorVector(latents.toArray(new Tensor[0])), 0);
        return chunks.get(0)
                .pictures()
                .frames(
                        networks.decode(all),
                        chunks.stream().map(chunk -> chunk.ptsMicros).toList());
    }

    @Override
    public void close() {
        networks.close();
    }
}
