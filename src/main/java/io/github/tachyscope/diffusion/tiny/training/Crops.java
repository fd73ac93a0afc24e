package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Placement;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Squares of scenes and of their styled versions, as tensors {@code [1, 3, side, side]} in [0, 1]. */
final class Crops {
    /** Offsets keep the phase of the styles' patterns. */
    private static final int GRID = 16;

    /** More than any style looks around. */
    private static final int MARGIN = 32;

    private final SceneStore store;
    private final Placement placement;

    Crops(SceneStore store, Placement placement) {
        this.store = store;
        this.placement = placement;
    }

    /** A square of a scene. */
    record Crop(int scene, int x, int y, int side) {}

    Crop draw(RandomGenerator random, int side) {
        int places = (SceneStore.SIZE - side) / GRID + 1;
        return new Crop(
                random.nextInt(store.count()), GRID * random.nextInt(places), GRID * random.nextInt(places), side);
    }

    String content(Crop crop) {
        return store.content(crop.scene());
    }

    Tensor clean(Crop crop) {
        return window(crop.scene(), crop.x(), crop.y(), crop.x() + crop.side(), crop.y() + crop.side());
    }

    /** The same square of the styled scene: styled with its surroundings, then cut out. */
    Tensor styled(Crop crop, Style style, ColourOperation colour) {
        int left = Math.max(0, crop.x() - MARGIN);
        int top = Math.max(0, crop.y() - MARGIN);
        int right = Math.min(SceneStore.SIZE, crop.x() + crop.side() + MARGIN);
        int bottom = Math.min(SceneStore.SIZE, crop.y() + crop.side() + MARGIN);
        Tensor styled = style.apply(window(crop.scene(), left, top, right, bottom));
        Tensor cut = styled.narrow(2, crop.y() - top, crop.side()).narrow(3, crop.x() - left, crop.side());
        return colour == ColourOperation.NONE ? cut : colour.apply(cut);
    }

    private Tensor window(int scene, int left, int top, int right, int bottom) {
        Tensor bytes = store.pixels(scene).narrow(1, top, bottom - top).narrow(2, left, right - left);
        return placement.place(bytes).div(new Scalar(255.0)).unsqueeze(0);
    }
}
