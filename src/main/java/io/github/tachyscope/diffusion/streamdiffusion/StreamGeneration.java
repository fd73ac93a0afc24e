package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkLine;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.LaneJobs;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.diffusion.sd.model.PromptState;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.TextCache;
import io.github.tachyscope.diffusion.sd.sampling.EulerSteps;
import io.github.tachyscope.diffusion.sd.sampling.FrameSteps;
import io.github.tachyscope.diffusion.sd.sampling.SimilarFrames;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One session's state. Each chunk (a frame, or a few side by side) goes through the lanes, and neighbouring ones of a
 * camera overlap:
 *
 * <pre>
 *   codec     encode k+1 | decode k-1, or show k-1 again | encode k+2 | decode k
 *   denoise   a call of the stream for k                 | ... for k+1
 *   text      prompts that nobody used lately, before the next call
 * </pre>
 *
 * <p>A call takes chunk k in and gives chunk k - n + 1 out, n being the number of steps. While the stream is not full the
 * first chunk is taken in again and again, so every chunk ends with a picture. Without the stream batch, a chunk takes n
 * steps by itself.
 *
 * <p>What a step reads is fixed in a {@link Job} when it begins. Parameters act on the next step to begin. A chunk keeps
 * the size that it began with; the first one of another size starts a new stream.
 */
final class StreamGeneration implements Generation {
    /** 30 frames per second in text mode. */
    static final long FRAME_MICROS = 33_333;

    private final PipelineSpec spec;
    private final SdModel model;
    private final int frames;
    private final RunSize<Pictures> sizes;
    private final InputMode mode;
    private final ChunkLine<StreamChunk> line;
    private final Wishes wishes;
    private final PromptState prompts;
    private final DenoiserMemory memory;
    private final LaneJobs<Job> jobs = new LaneJobs<>();

    private @Nullable Stream stream;
    private Optional<SimilarFrames> similar = Optional.empty();
    /** Pictures that may be shown again. */
    private List<byte[]> shown = List.of();

    private Optional<PictureSize> shownSize = Optional.empty();

    /** @param frames that go through side by side */
    StreamGeneration(
            PipelineSpec spec,
            SdModel model,
            int frames,
            RunSize<Pictures> sizes,
            TextCache texts,
            InputMode mode,
            Parameters loaded,
            Parameters wanted) {
        this.spec = spec;
        this.model = model;
        this.frames = frames;
        this.sizes = sizes;
        this.mode = mode;
        this.line = new ChunkLine<>(
                spec.modes().get(mode).geometry(),
                FRAME_MICROS,
                (index, input, times) -> new StreamChunk(index, input, times, sizes.chunk()));
        this.memory = new DenoiserMemory(model);
        this.prompts = new PromptState(
                texts,
                model.zeroNegative(),
                PromptWish.none(model.adapters().ofText(model.adapters().initial())));
        this.wishes = new Wishes(model, mode, prompts);
        patch(loaded.without(Parameters.TRANSITION));
        patch(wanted);
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
                        2,
                        1);
            case CODEC -> {
                Optional<StreamChunk> done = toShow();
                if (done.isPresent()) {
                    yield plan(
                            done, StepKind.DECODE, picture(done.get()) + (done.get().repeated ? " again" : ""), 0, 5);
                }
                Optional<StreamChunk> next = toEncode();
                yield plan(
                        next,
                        StepKind.IMAGE_ENCODE,
                        next.map(this::picture).orElse(""),
                        2 + next.map(this::callsAfter).orElse(0),
                        5);
            }
            case DENOISE -> {
                Optional<StreamChunk> next = prompts.settled() ? ready() : Optional.empty();
                int rows = next.map(this::rows).orElse(0);
                yield plan(
                        next,
                        StepKind.DENOISE,
                        next.map(this::picture).orElse("") + " " + rows + " rows " + prompts.tokens() + " tokens "
                                + wishes.contrast() + " " + wishes.scales().form(),
                        next.map(this::callsAfter).orElse(0) + 1,
                        10.0 * rows);
            }
        };
    }

    private NextStep plan(Optional<StreamChunk> chunk, StepKind kind, String form, int stepsLeft, double cost) {
        if (chunk.isEmpty()) {
            return line.idle();
        }
        return new NextStep.StepPlan(
                new BatchKey(spec.id(), kind, form),
                chunk.get().index,
                chunk.get().stepIndex(),
                stepsLeft,
                cost);
    }

    private String picture(StreamChunk chunk) {
        return chunk.size() + " " + frames + " " + model.placement().precision();
    }

    private Optional<StreamChunk> toEncode() {
        // What a loop begins with is there only when the chunk before has been shown.
        return line.first(this::raw)
                .filter(chunk -> !wishes.controls().loopback()
                        || line.oldest().filter(oldest -> oldest == chunk).isPresent());
    }

    /** Whether there are pictures to be encoded before anything else: those of the camera, or the last ones once more. */
    private boolean raw(StreamChunk chunk) {
        return !chunk.input().isEmpty()
                || mode == InputMode.TEXT && wishes.controls().loopback() && !shown.isEmpty() && chunk.untouched();
    }

    private Optional<StreamChunk> toDenoise() {
        return line.first(StreamChunk::denoising);
    }

    /** The chunk whose call or step is next, once it is encoded. */
    private Optional<StreamChunk> ready() {
        return toDenoise().filter(chunk -> !raw(chunk));
    }

    /** Chunks end in their order. */
    private Optional<StreamChunk> toShow() {
        return line.oldest().filter(chunk -> !chunk.denoising());
    }

    /** One that has begun goes on as it began; a single step of a camera's frame is a stream in any case. */
    private boolean alone(StreamChunk chunk) {
        if (chunk.alone != null || chunk.entered) {
            return chunk.alone != null;
        }
        if (wishes.controls().sampler() != Sampler.LCM) {
            return true;
        }
        boolean single = wishes.indices().size() == 1;
        return mode == InputMode.TEXT
                ? single || !wishes.controls().streamBatch()
                : !single && !wishes.controls().streamBatch();
    }

    private Plan planOf(StreamChunk chunk) {
        return chunk.alone == null
                ? wishes.plan(alone(chunk) ? wishes.controls().sampler() : Sampler.LCM)
                : chunk.alone;
    }

    private int rows(StreamChunk chunk) {
        if (alone(chunk)) {
            return frames
                    + (planOf(chunk).sampler() == Sampler.LCM
                            ? FrameSteps.negativeRows(
                                    frames, chunk.calls, wishes.controls().settings())
                            : EulerSteps.negativeRows(frames, wishes.controls().settings()));
        }
        int rows = frames * wishes.indices().size();
        return rows + wishes.controls().settings().negativeRows(rows, frames);
    }

    private int callsAfter(StreamChunk chunk) {
        if (alone(chunk)) {
            return planOf(chunk).count() - chunk.calls - 1;
        }
        Stream present = stream;
        int count = wishes.indices().size();
        return present != null
                        && present.plan().count() == count
                        && present.size().equals(chunk.size())
                ? Math.max(0, count - present.filled() - 1)
                : count - 1;
    }

    @Override
    public void begin(Lane lane) {
        jobs.begin(
                lane,
                switch (lane) {
                    case TEXT -> new Job.Texts(prompts.missing());
                    case CODEC ->
                        toShow().map(this::show)
                                .orElseGet(() -> encode(toEncode().orElseThrow()));
                    case DENOISE -> denoise(ready().orElseThrow());
                });
    }

    private Job show(StreamChunk chunk) {
        return chunk.repeated
                ? new Job.Repeat(chunk, shown)
                : new Job.Decode(
                        chunk,
                        chunk.latents.present(),
                        similar.isPresent() || wishes.controls().loopback());
    }

    private Job encode(StreamChunk chunk) {
        long seed = wishes.controls().seeds().values().get(0);
        return new Job.Encode(
                chunk,
                wishes.controls().loopback() && !shown.isEmpty() ? lastShown(chunk) : chunk.input(),
                similar.map(
                        memory -> new Job.Filter(memory, new SplittableRandom(seed * 31 + chunk.index).nextDouble())));
    }

    private List<VideoFrame> lastShown(StreamChunk chunk) {
        PictureSize size = shownSize.orElseThrow();
        List<VideoFrame> last = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            last.add(VideoFrame.of(
                    PixelFormat.RGB24, size.width(), size.height(), shown.get(i), chunk.ptsMicros.get(i)));
        }
        return last;
    }

    private Job denoise(StreamChunk chunk) {
        boolean alone = alone(chunk);
        if (alone && chunk.alone == null) {
            chunk.alone = planOf(chunk);
        }
        Job.Drive drive = new Job.Drive(
                planOf(chunk),
                wishes.controls().settings(),
                prompts.present(),
                wishes.scales(),
                memory,
                chunk.size(),
                frames);
        return alone
                ? new Job.Step(
                        chunk, chunk.calls, chunk.latents.get(), chunk.virtual.get(), mode == InputMode.TEXT, drive)
                : new Job.Call(chunk, Optional.ofNullable(stream), chunk.latents.get(), drive);
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
        similar = wishes.controls()
                .filter()
                .map(filter -> similar.orElseGet(() -> new SimilarFrames(0, 0, true))
                        .with(filter.threshold(), filter.maxSkips()));
    }

    @Override
    public void economize(Set<Economy> economies) {
        wishes.fewerSteps(economies.contains(Economy.FEWER_STEPS));
        sizes.shrink(economies.contains(Economy.SMALLER_PICTURES));
    }

    @Override
    public void commit(StepResult result) {
        if (result instanceof Computed.Texts computed) {
            jobs.end(Lane.TEXT);
            prompts.encoded(computed.texts());
        } else if (result instanceof Computed.Encoded computed) {
            jobs.end(Lane.CODEC);
            encoded(computed);
        } else if (result instanceof Computed.Called computed) {
            jobs.end(Lane.DENOISE);
            called(computed);
        } else if (result instanceof Computed.Stepped computed) {
            jobs.end(Lane.DENOISE);
            stepped(computed);
        } else if (result instanceof Computed.Decoded computed) {
            jobs.end(Lane.CODEC);
            shown = computed.remembered().orElse(List.of());
            shownSize = Optional.of(computed.job().chunk().size());
            line.finish(computed.job().chunk());
        } else if (result instanceof Computed.Repeated computed) {
            jobs.end(Lane.CODEC);
            line.finish(computed.job().chunk());
        }
    }

    private void encoded(Computed.Encoded computed) {
        StreamChunk chunk = computed.job().chunk();
        computed.seen().ifPresent(seen -> similar.ifPresent(filter -> filter.remember(seen.frame(), seen.decision())));
        computed.latents().ifPresentOrElse(chunk.latents::put, () -> chunk.repeated = true);
        chunk.encoded();
    }

    private void called(Computed.Called computed) {
        StreamChunk chunk = computed.job().chunk();
        chunk.entered(stream);
        chunk.calls++;
        stream = computed.stream();
        if (computed.stream().full()) {
            chunk.latents.put(computed.latents());
            chunk.painted = true;
            prompts.advance();
        } else {
            TensorScope.release(computed.latents());
        }
    }

    private void stepped(Computed.Stepped computed) {
        StreamChunk chunk = computed.job().chunk();
        chunk.latents.put(computed.latents());
        computed.virtual().ifPresentOrElse(chunk.virtual::put, chunk.virtual::close);
        chunk.calls++;
        if (chunk.calls == planOf(chunk).count()) {
            chunk.painted = true;
            prompts.advance();
        }
    }

    @Override
    public void dropChunk() {
        jobs.clear();
        line.first(chunk -> chunk.entered).ifPresent(chunk -> {
            if (stream != null) {
                stream.close();
            }
            stream = chunk.before().orElse(null);
        });
        // What the filter compares with may never have been shown.
        similar = similar.map(filter -> new SimilarFrames(0, 0, true))
                .flatMap(fresh ->
                        wishes.controls().filter().map(filter -> fresh.with(filter.threshold(), filter.maxSkips())));
        line.drop();
    }

    @Override
    public void close() {
        dropChunk();
        if (stream != null) {
            stream.close();
            stream = null;
        }
        memory.close();
        sizes.close();
    }
}
