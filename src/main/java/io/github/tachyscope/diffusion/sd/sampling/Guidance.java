package io.github.tachyscope.diffusion.sd.sampling;

/** Where the unconditional prediction of a stream batch comes from (Kodaira et al. 2023, residual guidance). */
public enum Guidance {
    /** No guidance: one row per step. */
    NONE,
    /** The input picture is the negative: a virtual noise is kept along, no extra row. */
    SELF,
    /** The negative prompt is evaluated once per frame, when it enters: one extra row. */
    INITIALIZE,
    /** The negative prompt is evaluated for every row: twice the rows (Ho and Salimans 2022). */
    FULL
}
