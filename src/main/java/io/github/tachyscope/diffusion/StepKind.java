package io.github.tachyscope.diffusion;

/** What a step does; names it in plans, costs, metrics and the timeline. */
public enum StepKind {
    TEXT_ENCODE(Lane.TEXT),
    IMAGE_ENCODE(Lane.CODEC),
    DENOISE(Lane.DENOISE),
    CACHE_UPDATE(Lane.DENOISE),
    DECODE(Lane.CODEC),
    /** A look at the newest estimate of the clean latents; changes nothing, see {@link Generation#next}. */
    PREVIEW(Lane.CODEC);

    private final Lane lane;

    StepKind(Lane lane) {
        this.lane = lane;
    }

    public Lane lane() {
        return lane;
    }
}
