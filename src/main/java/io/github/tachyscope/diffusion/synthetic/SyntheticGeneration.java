package io.github.tachyscope.diffusion.synthetic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.ChunkProgress;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.NoiseController;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.PromptTrack;
import io.github.tachyscope.diffusion.RunSize;
import io.github.tachyscope.diffusion.SharedBySize;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session's state: prompt track, memory of the last chunk, latents of the present one. Fields have one size for
 * pictures of all sizes, so the memory outlasts a change of that.
 *
 * <pre>
 *   idle --begin--> [TEXT_ENCODE] -> [IMAGE_ENCODE] -> DENOISE x n -> DECODE --> idle
 *                                              beside all but the first: [PREVIEW]
 * </pre>
 */
final class SyntheticGeneration implements Generation {
    /** A smaller change of the controller's noise scale is not worth a new start. */
    private static final double SCALE_CHANGE = 0.05;

    final InputMode mode;
    final ChunkProgress progress;
    private final ModeDefaults defaults;
    private final RunSize<Painter> sizes;
    /** Of the chunk under way, or of the last one. */
    private SharedBySize<Painter>.Share size;

    private Parameters sticky;
    private Parameters pending;
    private @Nullable JsonNode wantedPrompts;
    private @Nullable JsonNode wantedTransition;
    private List<StepKind> plan = List.of();
    private List<Integer> steps = List.of();
    private boolean fewerSteps;

    private PreviewMethod previews;
    /** Position of the chunk when it was last looked at. */
    private int lookedAt;

    /** What the preview under way shows. */
    @Nullable
    Look look;

    Controls controls;

    @Nullable
    PromptTrack track;

    float @Nullable [] memory;
    float @Nullable [] encoded;
    float @Nullable [] latents;
    double noiseScale;
    long nextPtsMicros;

    /** All that a preview reads; the latents of a step are never changed, only replaced. */
    record Look(float[] latents, PromptTrack track, long ptsMicros) {}

    SyntheticGeneration(InputMode mode, ModeDefaults defaults, RunSize<Painter> sizes, Parameters initial) {
        this.mode = mode;
        this.defaults = defaults;
        this.sizes = sizes;
        this.size = sizes.chunk();
        this.progress = new ChunkProgress(defaults.geometry());
        this.sticky = Parameters.none();
        this.pending = initial;
        this.previews = PreviewMethod.of(initial);
        this.controls = Controls.of(initial, defaults);
        this.noiseScale = controls.noiseScale();
        this.wantedPrompts = JsonNodeFactory.instance.arrayNode();
    }

    @Override
    public NextStep next(Lane lane) {
        if (!progress.begun()) {
            return progress.idle();
        }
        int index = progress.stepIndex();
        StepKind kind = plan.get(index);
        if (kind.lane() == lane) {
            return step(kind, kind == StepKind.DECODE ? 10 : 1);
        }
        return lane == StepKind.PREVIEW.lane() && visible() ? step(StepKind.PREVIEW, 0.2) : NextStep.Waits.INSTANCE;
    }

    private NextStep.StepPlan step(StepKind kind, double cost) {
        int index = progress.stepIndex();
        String form = mode.wireName() + " " + size.size();
        return new NextStep.StepPlan(
                new BatchKey("synthetic", kind, form), progress.chunkIndex(), index, plan.size() - index - 1, cost);
    }

    /** Whether there is an estimate to look at that is not the last one and was not shown yet. */
    private boolean visible() {
        return previews != PreviewMethod.NONE
                && kind() == StepKind.DENOISE
                && latents != null
                && look == null
                && lookedAt < progress.stepIndex();
    }

    @Override
    public void begin(Lane lane) {
        if (lane == StepKind.PREVIEW.lane() && kind().lane() != lane && latents != null && track != null) {
            look = new Look(latents, track, nextPtsMicros);
            lookedAt = progress.stepIndex();
        }
    }

    @Override
    public void previewFailed() {
        look = null;
    }

    /** What the step under way does. */
    StepKind kind() {
        return plan.get(progress.stepIndex());
    }

    /** Of the pictures of the chunk under way. */
    PictureSize size() {
        return size.size();
    }

    /** Paints at that size. */
    Painter painter() {
        return size.memory();
    }

    /** Position among the denoising steps of the chunk. */
    int denoiseIndex() {
        return progress.stepIndex() - plan.indexOf(StepKind.DENOISE);
    }

    /** The timesteps of this chunk: in video mode the first one follows the noise scale. */
    int timestep(int index) {
        if (index >= steps.size()) {
            return 0;
        }
        return index == 0 && mode == InputMode.VIDEO ? NoiseController.firstStep(noiseScale) : steps.get(index);
    }

    /** The prompt track once what was asked for is encoded; changes nothing. */
    PromptTrack encodePrompt() {
        JsonNode transition = wantedTransition;
        if (transition != null) {
            float[] target = PromptEncoder.encode(transition.path("target_prompts"), controls.slerp());
            boolean spherical =
                    transition.path("temporal_interpolation_method").asText().equals("slerp");
            int chunks = transition.path("num_steps").asInt(4);
            if (track == null) {
                return PromptTrack.at(target, PromptEncoder.FEATURES);
            }
            return transition.path(Parameters.SHOWS_SOURCE).asBoolean(true)
                    ? track.transit(target, chunks, spherical)
                    : track.leave(target, chunks, spherical);
        }
        JsonNode prompts = wantedPrompts == null ? JsonNodeFactory.instance.arrayNode() : wantedPrompts;
        return PromptTrack.at(PromptEncoder.encode(prompts, controls.slerp()), PromptEncoder.FEATURES);
    }

    @Override
    public void feed(List<VideoFrame> frames) {
        progress.feed(frames);
        begin();
    }

    @Override
    public void demand() {
        progress.demand();
        begin();
    }

    @Override
    public void patch(Parameters patch) {
        pending = pending.merge(patch);
        previews = previews.after(patch);
        if (progress.begun() && progress.stepIndex() == 0) {
            absorb();
        }
    }

    @Override
    public void economize(Set<Economy> economies) {
        fewerSteps = economies.contains(Economy.FEWER_STEPS);
        sizes.shrink(economies.contains(Economy.SMALLER_PICTURES));
    }

    private void begin() {
        if (progress.begin()) {
            size.close();
            size = sizes.chunk();
            lookedAt = 0;
            absorb();
        }
    }

    /** Makes the pending parameters those of the chunk that begins. One-shots are used up here, before any step. */
    private void absorb() {
        Parameters patch = pending;
        pending = Parameters.none();
        sticky = sticky.merge(patch.without(Parameters.TRANSITION).without(Parameters.RESET_CACHE));
        Controls before = controls;
        controls = Controls.of(sticky, defaults);
        takePrompts(patch, before.slerp() != controls.slerp());
        boolean stepsChanged = !before.steps().equals(controls.steps());
        boolean promptJump = patch.value(Parameters.PROMPTS).isPresent() && wantedTransition == null;
        boolean byItself = controls.manageCache() && (stepsChanged || promptJump && mode == InputMode.VIDEO);
        if (patch.value(Parameters.RESET_CACHE).map(JsonNode::asBoolean).orElse(false) || byItself) {
            forget();
        }
        if (!controls.controller()) {
            noiseScale = controls.noiseScale();
        }
        steps = fewerSteps ? Economy.thinned(controls.steps()) : controls.steps();
        plan = planChunk();
    }

    private void takePrompts(Parameters patch, boolean methodChanged) {
        JsonNode transition = patch.value(Parameters.TRANSITION).orElse(null);
        JsonNode prompts = patch.value(Parameters.PROMPTS).orElse(null);
        if (transition != null) {
            wantedTransition = transition;
            wantedPrompts = null;
            sticky = sticky.with(Parameters.PROMPTS, transition.path("target_prompts"));
        } else if (prompts != null || methodChanged && wantedTransition == null && !moving()) {
            wantedPrompts = sticky.value(Parameters.PROMPTS).orElse(null);
            wantedTransition = null;
        }
    }

    private boolean moving() {
        return track != null && track.moving();
    }

    private void forget() {
        memory = null;
        track = track == null ? null : track.forgetTransition();
    }

    private List<StepKind> planChunk() {
        List<StepKind> kinds = new ArrayList<>();
        if (wantedPrompts != null || wantedTransition != null || track == null) {
            kinds.add(StepKind.TEXT_ENCODE);
        }
        if (mode == InputMode.VIDEO) {
            kinds.add(StepKind.IMAGE_ENCODE);
        }
        for (int i = 0; i < steps.size(); i++) {
            kinds.add(StepKind.DENOISE);
        }
        kinds.add(StepKind.DECODE);
        return kinds;
    }

    @Override
    public void commit(StepResult result) {
        if (result instanceof Computed.Seen) {
            look = null;
            return;
        }
        progress.stepDone();
        if (result instanceof Computed.Prompt prompt) {
            track = prompt.track();
            wantedPrompts = null;
            wantedTransition = null;
        } else if (result instanceof Computed.Image image) {
            encoded = image.encoded();
            followMotion(image.motion());
        } else if (result instanceof Computed.Latents denoised) {
            latents = denoised.latents();
        } else if (result instanceof Computed.Pictures pictures) {
            finish(pictures);
        }
    }

    private void followMotion(double motion) {
        if (controls.controller()) {
            double scale = NoiseController.scale(motion, noiseScale);
            if (controls.manageCache() && Math.abs(scale - noiseScale) > SCALE_CHANGE) {
                forget();
            }
            noiseScale = scale;
        }
    }

    private void finish(Computed.Pictures pictures) {
        memory = latents;
        latents = null;
        encoded = null;
        nextPtsMicros += pictures.frames().size() * SyntheticPipeline.FRAME_MICROS;
        track = track == null ? null : track.advance();
        progress.chunkDone();
        begin();
    }

    @Override
    public void dropChunk() {
        progress.drop();
        look = null;
        latents = null;
        encoded = null;
    }

    @Override
    public void close() {
        dropChunk();
        memory = null;
        size.close();
        sizes.close();
    }
}
