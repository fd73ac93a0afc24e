package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.PromptState;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.sampling.Guidance;
import java.util.List;

/** What a session's client and the server's pressure ask for at present. */
final class Wishes {
    private final SdModel model;
    private final InputMode mode;
    private final PromptState prompts;
    private Parameters sticky = Parameters.none();
    private Controls controls;
    private Scales scales;
    private boolean fewerSteps;

    /** @param prompts told about every change */
    Wishes(SdModel model, InputMode mode, PromptState prompts) {
        this.model = model;
        this.mode = mode;
        this.prompts = prompts;
        this.controls = Controls.of(sticky, sticky, mode, model.distillation());
        this.scales = model.adapters().initial();
    }

    Controls controls() {
        return controls;
    }

    Scales scales() {
        return scales;
    }

    /** Of the scales those that the text encoders notice. */
    Scales textScales() {
        return model.adapters().ofText(scales);
    }

    void fewerSteps(boolean fewer) {
        fewerSteps = fewer;
    }

    /** Indices of the steps that are taken. */
    List<Integer> indices() {
        return fewerSteps ? Economy.thinned(controls.indices()) : controls.indices();
    }

    Plan plan(Sampler sampler) {
        return new Plan(controls.schedule(), indices(), controls.seeds(), sampler);
    }

    /** Below a scale of 1 all kinds of guidance are the same: none. */
    Guidance contrast() {
        return controls.settings().guided() ? controls.settings().guidance() : Guidance.NONE;
    }

    /** @throws ParameterRejected if a value cannot be honoured; nothing has changed then */
    void patch(Parameters patch) {
        Parameters lasting = patch.without(Parameters.TRANSITION).without(CommonParameters.LORA_SCALES);
        Parameters merged = Controls.absorb(sticky, lasting);
        Controls next = Controls.of(merged, lasting, mode, model.distillation());
        Scales scaled = ModelParameters.rescaled(scales, patch, model.adapters());
        PromptWish wish = prompts.wish()
                .after(patch)
                .with(
                        next.slerp(),
                        next.negative(),
                        next.weighting(),
                        0,
                        model.adapters().ofText(scaled));
        wish.check(patch);
        sticky = merged;
        controls = next;
        scales = scaled;
        prompts.want(wish, patch);
    }
}
