package io.github.tachyscope.diffusion.tiny.evaluation;

import io.github.tachyscope.diffusion.tiny.NoiseSchedule;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.scene.HeldOutScenes;
import io.github.tachyscope.diffusion.tiny.scene.Picture;
import io.github.tachyscope.diffusion.tiny.scene.Scene;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Pictures of a model to look at. */
public final class Samples {
    private static final int COLUMNS = 5;
    private static final List<String> IMAGINED = List.of(
            "watercolor painting of a mountain landscape",
            "neon portrait of a man",
            "oil painting of a red house",
            "pencil sketch of a city",
            "cartoon of a flower",
            "thermal camera picture of a woman",
            "blueprint of a house",
            "stained glass flower",
            "pixel art of a city at night",
            "sepia photograph of a man with a hat");

    private Samples() {}

    /** Unseen scenes in every style, one step of strength 0.3, the scene itself first; a scene per row block. */
    public static void styles(TinyModel model, Path path, int scenes) {
        Restyler restyler = new Restyler(model);
        List<Scene> heldOut = HeldOutScenes.unseenFamilies();
        try (TensorScope scope = TensorScope.inference()) {
            List<List<Tensor>> rows = new ArrayList<>();
            for (int i = 0; i < scenes; i++) {
                Picture picture = heldOut.get(i * heldOut.size() / scenes).picture();
                Tensor source = Tensor.create(picture.rgb(), 1, 3, picture.height(), picture.width());
                List<Tensor> pictures = new ArrayList<>(List.of(source));
                Arrays.stream(Style.values())
                        .filter(style -> style != Style.PHOTO)
                        .map(style -> restyler.restyle(
                                source, Map.of(style.synonyms().get(0), 1.0), NoiseSchedule.video(0.3, 1), 0))
                        .forEach(pictures::add);
                for (int from = 0; from < pictures.size(); from += COLUMNS) {
                    rows.add(pictures.subList(from, from + COLUMNS));
                }
            }
            SampleSheet.write(path, rows);
        }
    }

    /** Pictures from noise and a prompt alone, seven steps. */
    public static void imagined(TinyModel model, Path path) {
        Restyler restyler = new Restyler(model);
        try (TensorScope scope = TensorScope.inference()) {
            List<Tensor> pictures = IMAGINED.stream()
                    .map(prompt -> restyler.imagine(prompt, 1, 256, NoiseSchedule.text(NoiseSchedule.textSteps()), 7))
                    .toList();
            SampleSheet.write(path, List.of(pictures.subList(0, COLUMNS), pictures.subList(COLUMNS, 2 * COLUMNS)));
        }
    }
}
