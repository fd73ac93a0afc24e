package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.sd.model.ModelParameters;
import io.github.tachyscope.diffusion.sd.model.PromptState;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.SdModel;

/** What a session's client asks for at present. */
final class Wishes {
    private final SdModel model;
    private final InputMode mode;
    private final PromptState prompts;
    private Parameters sticky = Parameters.none();
    private Controls controls;
    private Scales scales;
    private PreviewMethod previews = PreviewMethod.NONE;

    /** @param prompts told about every change */
    Wishes(SdModel model, InputMode mode, PromptState prompts) {
        this.model = model;
        this.mode = mode;
        this.prompts = prompts;
        this.controls = Controls.of(sticky, mode, model);
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

    /** The method asked for, or the next cheaper one that this model has. */
    PreviewMethod previews() {
        return previews == PreviewMethod.TAESD && Previews.tiny(model).isEmpty() ? PreviewMethod.LATENT2RGB : previews;
    }

    /** @throws ParameterRejected if a value cannot be honoured; nothing has changed then */
    void patch(Parameters patch) {
        Parameters merged = sticky.merge(patch.without(Parameters.TRANSITION).without(CommonParameters.LORA_SCALES));
        Controls next = Controls.of(merged, mode, model);
        Scales scaled = ModelParameters.rescaled(scales, patch, model.adapters());
        PromptWish wish = prompts.wish()
                .after(patch)
                .with(
                        next.slerp(),
                        next.negative(),
                        next.weighting(),
                        next.clipSkip(),
                        model.adapters().ofText(scaled));
        wish.check(patch);
        sticky = merged;
        controls = next;
        scales = scaled;
        previews = previews.after(patch);
        prompts.want(wish, patch);
    }
}
