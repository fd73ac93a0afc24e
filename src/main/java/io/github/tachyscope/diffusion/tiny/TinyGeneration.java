package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.NoiseController;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.TensorScope;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * One session's state. Each frame goes through the lanes, and neighbouring frames of a camera overlap:
 *
 * <pre>
 *   codec     encode k+1 | decode k-1 | (preview of k) | encode k+2 | decode k
 *   denoise   steps of k              | steps of k+1
 *   text      prompts that nobody used lately, before the next denoising step
 * </pre>
 *
 * <p>What a step reads is fixed in a {@link Job} when it begins. Parameters act on the next denoising step to begin; the
 * number of steps and their noise levels on the next frame. A frame keeps the size that it began with; the first one of
 * another size has no past.
 */
final class TinyGeneration implements Generation {
    /** 16 frames per second in text mode. */
    static final long FRAME_MICROS = 62_500;

    /** From one drawn noise to the next in 96 frames: things drift, nothing jumps. */
    static final double WALK_PER_FRAME = 1 / 96.0;

    private final InputMode mode;
    private final ModeDefaults defaults;
    private final String pipeline;
    private final Precision precision;
    private final RunSize<Pictures> sizes;
    private final ChunkLine line;
    private final PromptState prompts;
    private final DenoiserMemory memory;
    private final Map<Lane, Job> jobs = new EnumMap<>(Lane.class);
    /** Previous picture of the camera, for the noise controller. */
    private final Past picture = new Past();
    /** Temporal mean of the camera's latents. */
    private final Past mean = new Past();
    /** Latents of the last finished frame of a text-made video. */
    private final Past past = new Past();

    private Parameters sticky = Parameters.none();
    private Controls controls;
    private double noiseScale;
    /** Of the newest picture that could be compared with one before it. */
    private double motion;

    private PreviewMethod previews = PreviewMethod.NONE;
    private boolean fewerSteps;
    private double walked;
    /** Set from any step's side, done when the next frame begins to denoise: until then a step may still read it. */
    private boolean forget;

    TinyGeneration(
            InputMode mode,
            ModeDefaults defaults,
            String pipeline,
            Precision precision,
            RunSize<Pictures> sizes,
            PromptState prompts,
            DenoiserMemory memory,
            Parameters initial) {
        this.mode = mode;
        this.defaults = defaults;
        this.pipeline = pipeline;
        this.precision = precision;
        this.sizes = sizes;
        this.prompts = prompts;
        this.memory = memory;
        this.line = new ChunkLine(defaults.geometry(), FRAME_MICROS, sizes);
        this.controls = Controls.of(initial, mode, defaults);
        this.noiseScale = controls.noiseScale();
        patch(initial);
        prompts.start();
        forget = false;
    }

    @Override
    public NextStep next(Lane lane) {
        if (jobs.containsKey(lane)) {
            return NextStep.Waits.INSTANCE;
        }
        return switch (lane) {
            case TEXT -> plan(prompts.settled() ? Optional.empty() : toDenoise(), StepKind.TEXT_ENCODE, 0);
            case CODEC -> {
                Optional<TinyChunk> painted = toDecode();
                if (painted.isPresent()) {
                    yield plan(painted, StepKind.DECODE, 0);
                }
                Optional<TinyChunk> filmed = toEncode();
                yield filmed.isPresent()
                        ? plan(filmed, StepKind.IMAGE_ENCODE, 1 + timesteps().size())
                        : preview();
            }
            case DENOISE -> {
                Optional<TinyChunk> next = prompts.settled()
                        ? toDenoise().filter(chunk -> chunk.input().isEmpty())
                        : Optional.empty();
                yield plan(next, StepKind.DENOISE, next.map(this::denoisingLeft).orElse(0));
            }
        };
    }

    private NextStep plan(Optional<TinyChunk> chunk, StepKind kind, int stepsLeft) {
        if (chunk.isEmpty()) {
            return line.idle();
        }
        return new NextStep.StepPlan(
                new BatchKey(pipeline, kind, chunk.get().size() + " " + precision),
                chunk.get().index,
                chunk.get().stepIndex(),
                stepsLeft,
                kind == StepKind.TEXT_ENCODE ? 1 : kind == StepKind.DENOISE ? 10 : 5);
    }

    private NextStep preview() {
        Optional<TinyChunk> chunk = toPreview();
        if (chunk.isEmpty()) {
            return line.idle();
        }
        boolean linear = previews == PreviewMethod.LATENT2RGB;
        return new NextStep.StepPlan(
                new BatchKey(
                        pipeline,
                        StepKind.PREVIEW,
                        chunk.get().size() + " " + precision + (linear ? " linear" : " decoded")),
                chunk.get().index,
                chunk.get().stepIndex(),
                denoisingLeft(chunk.get()) + 1,
                linear ? 0.2 : 5);
    }

    private Optional<TinyChunk> toPreview() {
        return previews == PreviewMethod.NONE ? Optional.empty() : line.first(TinyChunk::worthALook);
    }

    private Optional<TinyChunk> toEncode() {
        return line.first(chunk -> chunk.input().isPresent());
    }

    private Optional<TinyChunk> toDenoise() {
        return line.first(chunk -> !chunk.painted());
    }

    private Optional<TinyChunk> toDecode() {
        return line.first(TinyChunk::painted);
    }

    private int denoisingLeft(TinyChunk chunk) {
        int count = chunk.sigmas.isEmpty() ? sigmas(chunk).size() : chunk.sigmas.size();
        return count - chunk.denoised;
    }

    private List<Double> sigmas(TinyChunk chunk) {
        if (mode == InputMode.VIDEO) {
            return StepList.video(noiseScale, timesteps());
        }
        return past.of(chunk.size()).isEmpty() || forget
                ? StepList.fromNoise(timesteps())
                : StepList.walking(timesteps());
    }

    private List<Integer> timesteps() {
        return fewerSteps ? Economy.thinned(controls.timesteps()) : controls.timesteps();
    }

    @Override
    public void begin(Lane lane) {
        jobs.put(
                lane,
                switch (lane) {
                    case TEXT -> new Job.Texts(prompts.missing());
                    case CODEC -> {
                        Optional<TinyChunk> painted = toDecode();
                        if (painted.isPresent()) {
                            yield new Job.Decode(
                                    painted.get(), painted.get().latents.present());
                        }
                        Optional<TinyChunk> filmed = toEncode();
                        yield filmed.isPresent()
                                ? encode(filmed.get())
                                : look(toPreview().orElseThrow());
                    }
                    case DENOISE -> denoise(toDenoise().orElseThrow());
                });
    }

    private Job look(TinyChunk chunk) {
        chunk.lookedAt = chunk.denoised;
        return new Job.Preview(chunk, TensorScope.keep(chunk.latents.present()), previews);
    }

    private Job encode(TinyChunk chunk) {
        return new Job.Encode(chunk, chunk.input().orElseThrow(), picture.of(chunk.size()), controls.controller());
    }

    private Job denoise(TinyChunk chunk) {
        boolean first = chunk.denoised == 0;
        if (first) {
            beginFrame(chunk);
        }
        boolean smooth = first && mode == InputMode.VIDEO && controls.cameraSmoothing() > 0;
        return new Job.Denoise(
                chunk,
                first && mode == InputMode.TEXT ? past.of(chunk.size()) : chunk.latents.get(),
                smooth ? mean.of(chunk.size()) : Optional.empty(),
                smooth ? controls.cameraSmoothing() : 0,
                chunk.denoised,
                chunk.sigmas.get(chunk.denoised),
                controls.seed(),
                mode == InputMode.TEXT ? Optional.of(walked) : Optional.empty(),
                prompts.present(),
                memory);
    }

    private void beginFrame(TinyChunk chunk) {
        if (forget) {
            forget = false;
            past.close();
            mean.close();
        }
        if (controls.cameraSmoothing() == 0) {
            mean.close();
        }
        noiseScale = controls.controller() ? NoiseController.scale(chunk.motion, noiseScale) : controls.noiseScale();
        chunk.sigmas = sigmas(chunk);
    }

    /** What the step under way on the lane reads. Called by the lane's thread. */
    Job job(Lane lane) {
        Job job = jobs.get(lane);
        if (job == null) {
            throw new IllegalStateException("no step has begun on lane " + lane);
        }
        return job;
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
        Parameters merged = sticky.merge(patch.without(Parameters.TRANSITION).without(Parameters.RESET_CACHE));
        Controls before = controls;
        controls = Controls.of(merged, mode, defaults);
        sticky = merged;
        previews = previews.after(patch);
        prompts.blending(controls.slerp());
        Optional<JsonNode> transition = patch.value(Parameters.TRANSITION);
        Optional<JsonNode> texts = patch.value(Parameters.PROMPTS);
        if (transition.isPresent()) {
            prompts.transit(transition.get());
        } else {
            texts.ifPresent(prompts::jump);
        }
        boolean jump = texts.isPresent() && transition.isEmpty();
        boolean stepsChanged = !before.timesteps().equals(controls.timesteps());
        boolean byItself = controls.manageCache() && (stepsChanged || jump && mode == InputMode.VIDEO);
        boolean asked =
                patch.value(Parameters.RESET_CACHE).map(JsonNode::asBoolean).orElse(false);
        if (asked || byItself || before.seed() != controls.seed()) {
            forget = true;
        }
        if (asked) {
            prompts.forgetTransition();
        }
    }

    @Override
    public void economize(Set<Economy> economies) {
        fewerSteps = economies.contains(Economy.FEWER_STEPS);
        sizes.shrink(economies.contains(Economy.SMALLER_PICTURES));
    }

    @Override
    public void commit(StepResult result) {
        if (result instanceof Computed.Prompts computed) {
            jobs.remove(Lane.TEXT);
            prompts.encoded(computed.prompts());
        } else if (result instanceof Computed.Encoded computed) {
            jobs.remove(Lane.CODEC);
            encoded(computed);
        } else if (result instanceof Computed.Denoised computed) {
            jobs.remove(Lane.DENOISE);
            denoised(computed);
        } else if (result instanceof Computed.Seen) {
            previewFailed();
        } else if (result instanceof Computed.Decoded computed) {
            jobs.remove(Lane.CODEC);
            decoded(computed.job().chunk());
        }
    }

    @Override
    public void previewFailed() {
        if (jobs.get(Lane.CODEC) instanceof Job.Preview looked) {
            jobs.remove(Lane.CODEC);
            TensorScope.release(looked.latents());
        }
    }

    private void encoded(Computed.Encoded computed) {
        TinyChunk chunk = computed.job().chunk();
        chunk.latents.put(computed.latents());
        if (computed.job().previous().isPresent() || !computed.job().keep()) {
            motion = computed.motion();
        }
        // The first picture of another size has nothing to be compared with, but the camera moves on as it did.
        chunk.motion = motion;
        chunk.encoded();
        computed.picture().ifPresentOrElse(kept -> picture.put(kept, chunk.size()), picture::close);
    }

    private void denoised(Computed.Denoised computed) {
        TinyChunk chunk = computed.job().chunk();
        chunk.latents.put(computed.latents());
        chunk.denoised++;
        computed.mean().ifPresent(kept -> mean.put(kept, chunk.size()));
        if (chunk.painted()) {
            prompts.advance();
        }
    }

    private void decoded(TinyChunk chunk) {
        if (mode == InputMode.TEXT) {
            Tensor latents = chunk.latents.present();
            past.put(TensorScope.keep(latents), chunk.size());
            walked += WALK_PER_FRAME;
        }
        line.finish(chunk);
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
        picture.close();
        mean.close();
        past.close();
        memory.close();
        sizes.close();
    }
}
