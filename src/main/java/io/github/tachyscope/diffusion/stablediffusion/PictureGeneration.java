package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkLine;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.LaneJobs;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Codec;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.diffusion.sd.model.PromptState;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.TextCache;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/**
 * One session's state. Each picture goes through the lanes, and neighbouring ones overlap:
 *
 * <pre>
 *   codec     encode k+1 | decode k-1 | encode k+2 | decode k     looks at estimates in between
 *   denoise   calls for k             | calls for k+1
 *   text      prompts that nobody used lately, before the next call
 * </pre>
 *
 * <p>What a step reads is fixed in a {@link Job} when it begins. Prompts, guidance and LoRA scales act on the next call to
 * begin; sampler, noise levels and seed on the next picture.
 */
final class PictureGeneration implements Generation {
    /** One picture per second where no camera gives the time. */
    static final long FRAME_MICROS = 1_000_000;

    /** In units of the cheapest step that has to run. */
    private static final double TEXT_COST = 1;

    private static final double LINEAR_PREVIEW_COST = 0.2;
    private static final double CODEC_COST = 5;
    private static final double ROW_COST = 10;

    private final PipelineSpec spec;
    private final SdModel model;
    private final SharedBySize<Pictures>.Share pictures;
    private final ChunkLine<PictureChunk> line;
    private final Wishes wishes;
    private final PromptState prompts;
    private final DenoiserMemory memory;
    private final LaneJobs<Job> jobs = new LaneJobs<>();

    /** @param pictures of this run's size; closed with the generation */
    PictureGeneration(
            PipelineSpec spec,
            SdModel model,
            SharedBySize<Pictures>.Share pictures,
            TextCache texts,
            InputMode mode,
            Parameters initial) {
        this.spec = spec;
        this.model = model;
        this.pictures = pictures;
        this.line = new ChunkLine<>(spec.modes().get(mode).geometry(), FRAME_MICROS, PictureChunk::new);
        this.memory = new DenoiserMemory(model, pictures.size());
        this.prompts = new PromptState(
                texts,
                model.zeroNegative(),
                PromptWish.none(model.adapters().ofText(model.adapters().initial())));
        this.wishes = new Wishes(model, mode, prompts);
        patch(initial);
    }

    @Override
    public NextStep next(Lane lane) {
        if (jobs.busy(lane)) {
            return NextStep.Waits.INSTANCE;
        }
        return switch (lane) {
            case TEXT ->
                plan(
                        prompts.settled() ? Optional.empty() : toDenoise(),
                        StepKind.TEXT_ENCODE,
                        wishes.textScales().form(),
                        TEXT_COST);
            case CODEC -> {
                if (toDecode().isPresent()) {
                    yield plan(toDecode(), StepKind.DECODE, coded(), CODEC_COST);
                }
                yield toEncode().isPresent() ? plan(toEncode(), StepKind.IMAGE_ENCODE, coded(), CODEC_COST) : preview();
            }
            case DENOISE -> {
                int rows = wishes.controls().rows();
                yield plan(
                        prompts.settled() ? ready() : Optional.empty(),
                        StepKind.DENOISE,
                        picture() + " " + rows + " rows " + prompts.tokens() + " tokens "
                                + wishes.scales().form(),
                        ROW_COST * rows);
            }
        };
    }

    private NextStep preview() {
        PreviewMethod method = wishes.previews();
        return plan(
                toPreview(),
                StepKind.PREVIEW,
                picture() + " " + method.wireName(),
                method == PreviewMethod.LATENT2RGB ? LINEAR_PREVIEW_COST : CODEC_COST);
    }

    private NextStep plan(Optional<PictureChunk> chunk, StepKind kind, String form, double cost) {
        if (chunk.isEmpty()) {
            return line.idle();
        }
        int calls = planOf(chunk.get()).calls() - chunk.get().calls();
        int left = switch (kind) {
            case DECODE -> 0;
            case DENOISE -> calls;
            default -> calls + 1;
        };
        return new NextStep.StepPlan(
                new BatchKey(spec.id(), kind, form),
                chunk.get().index(),
                chunk.get().stepIndex(),
                left,
                cost);
    }

    /** Two models of one family cost the same; the pipeline's name alone says nothing of the family. */
    private String picture() {
        return pictures.size() + " " + model.base() + " " + model.placement().precision();
    }

    private String coded() {
        return picture() + (model.codec() instanceof Codec.Tiny ? " tiny" : " full");
    }

    private PicturePlan planOf(PictureChunk chunk) {
        return chunk.plan().orElseGet(() -> wishes.controls().plan());
    }

    private Optional<PictureChunk> toEncode() {
        return line.first(chunk -> chunk.input().isPresent());
    }

    /** The picture whose call is next, be it encoded or not. */
    private Optional<PictureChunk> toDenoise() {
        return line.first(chunk -> chunk.calls() < planOf(chunk).calls());
    }

    private Optional<PictureChunk> ready() {
        return toDenoise().filter(chunk -> chunk.input().isEmpty());
    }

    /** Pictures end in their order. */
    private Optional<PictureChunk> toDecode() {
        return line.oldest()
                .filter(chunk -> chunk.input().isEmpty()
                        && chunk.calls() == planOf(chunk).calls());
    }

    private Optional<PictureChunk> toPreview() {
        return wishes.previews() == PreviewMethod.NONE ? Optional.empty() : line.first(PictureChunk::worthALook);
    }

    @Override
    public void begin(Lane lane) {
        jobs.begin(
                lane,
                switch (lane) {
                    case TEXT -> new Job.Texts(prompts.missing());
                    case CODEC ->
                        toDecode()
                                .map(this::decode)
                                .or(() -> toEncode().map(this::encode))
                                .orElseGet(() -> look(toPreview().orElseThrow()));
                    case DENOISE -> denoise(ready().orElseThrow());
                });
    }

    private Job decode(PictureChunk chunk) {
        return new Job.Decode(chunk, chunk.result(), pictures.memory(), memory);
    }

    private Job encode(PictureChunk chunk) {
        return new Job.Encode(chunk, chunk.input().orElseThrow(), pictures.memory());
    }

    private Job look(PictureChunk chunk) {
        return new Job.Preview(chunk, TensorScope.keep(chunk.look()), wishes.previews(), pictures.memory());
    }

    private Job denoise(PictureChunk chunk) {
        PicturePlan plan = planOf(chunk);
        chunk.begin(plan);
        return new Job.Denoise(
                chunk,
                plan,
                chunk.state(),
                chunk.latents(),
                prompts.present(),
                wishes.controls().guidance(),
                wishes.scales(),
                memory);
    }

    /** What the step under way on the lane reads. Called by the lane's thread. */
    Job job(Lane lane) {
        return jobs.of(lane);
    }

    @Override
    public void feed(List<VideoFrame> frames) {
        line.feed(frames);
    }

    @Override
    public void demand() {
        line.demand();
    }

    @Override
    public void patch(Parameters patch) {
        wishes.patch(patch);
    }

    @Override
    public void commit(StepResult result) {
        if (result instanceof Computed.Texts computed) {
            jobs.end(Lane.TEXT);
            prompts.encoded(computed.texts());
        } else if (result instanceof Computed.Encoded computed) {
            jobs.end(Lane.CODEC);
            computed.job().chunk().encoded(computed.latents());
        } else if (result instanceof Computed.Denoised computed) {
            jobs.end(Lane.DENOISE);
            PictureChunk chunk = computed.job().chunk();
            chunk.denoised(computed);
            if (chunk.calls() == planOf(chunk).calls()) {
                prompts.advance();
            }
        } else if (result instanceof Computed.Decoded computed) {
            jobs.end(Lane.CODEC);
            line.finish(computed.job().chunk());
        } else if (result instanceof Computed.Seen) {
            previewFailed();
        }
    }

    @Override
    public void previewFailed() {
        if (jobs.find(Lane.CODEC).orElse(null) instanceof Job.Preview looked) {
            jobs.end(Lane.CODEC);
            TensorScope.release(looked.estimate());
        }
    }

    @Override
    public void dropChunk() {
        previewFailed();
        jobs.clear();
        line.drop();
    }

    @Override
    public void close() {
        dropChunk();
        memory.close();
        pictures.close();
    }
}
