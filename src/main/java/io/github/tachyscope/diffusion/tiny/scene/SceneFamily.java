package io.github.tachyscope.diffusion.tiny.scene;

/** The kinds of scenes that the model is trained on, and how often each one appears. */
public enum SceneFamily {
    PORTRAIT(0.26, Portraits::paint),
    LANDSCAPE(0.13, Landscapes::paint),
    DEAD_LEAVES(0.12, DeadLeaves::paint),
    SPHERES(0.11, Spheres::paint),
    CITY(0.08, Cities::paint),
    ROOM(0.08, Rooms::paint),
    FLOWERS(0.06, Flowers::paint),
    FLAT_SHAPES(0.04, FlatShapes::paint),
    SIGN(0.04, Signs::paint),
    HOUSE(0.04, Houses::paint),
    PET(0.04, Pets::paint);

    private final double share;
    private final Painter painter;

    SceneFamily(double share, Painter painter) {
        this.share = share;
        this.painter = painter;
    }

    /** Its part of the mixture; all shares add up to one. */
    public double share() {
        return share;
    }

    Painter painter() {
        return painter;
    }
}
