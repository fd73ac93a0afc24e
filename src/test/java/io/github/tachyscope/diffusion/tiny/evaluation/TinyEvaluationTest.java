package io.github.tachyscope.diffusion.tiny.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyEvaluationTest {
    private static final Path BUNDLED = Path.of("src/main/resources/models/tiny");

    /** What the bundled weights reach on the fast part of the evaluation, less 1 dB. */
    private static final Map<String, Double> LEAST = Map.of(
            "autoencoder, camera-like pictures (dB)", 29.4,
            "unseen families, s 0.3, mean PSNR (dB)", 21.7,
            "known families, s 0.3, mean PSNR (dB)", 19.0);

    @Test
    void theBundledModelIsAsGoodAsItsCardSays() {
        try (TinyModel model = TinyModel.load(BUNDLED, Placement.CPU);
                TinyEvaluation evaluation = new TinyEvaluation(model, 2)) {
            List<Figure> figures = evaluation.quick();
            LEAST.forEach((name, least) -> {
                Figure figure = figures.stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow();
                assertTrue(figure.value() >= least, figure + ", at least " + least);
            });
        }
    }

    @Test
    void samplesArePicturesOfTheirSize(@TempDir Path folder) throws Exception {
        try (TinyModel model = TinyModel.load(BUNDLED, Placement.CPU)) {
            Samples.imagined(model, folder.resolve("imagined.png"));
        }
        java.awt.image.BufferedImage sheet =
                javax.imageio.ImageIO.read(folder.resolve("imagined.png").toFile());
        assertEquals(5 * 256, sheet.getWidth());
        assertEquals(2 * 256, sheet.getHeight());
        assertTrue(Files.size(folder.resolve("imagined.png")) > 50_000, "a picture with something in it");
    }

    @Test
    void psnrFollowsTheNoise() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor picture = torch.full(new long[] {2, 3, 64, 64}, new Scalar(0.5f));
            Tensor noise = Noise.normal(1, Placement.CPU, 2, 3, 64, 64);
            Tensor noisy = picture.add(noise.mul(new Scalar(0.1f)));
            assertEquals(20, PictureMetrics.psnr(noisy, picture).mean().item_double(), 0.1);
            assertEquals(100, PictureMetrics.psnr(picture, picture).mean().item_double(), 1e-3);
        }
    }

    @Test
    void equalPicturesAreAlikeAndOthersAreNot() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor noise = Noise.normal(1, Placement.CPU, 1, 3, 64, 64).sigmoid();
            Tensor other = Noise.normal(2, Placement.CPU, 1, 3, 64, 64).sigmoid();
            assertEquals(1, PictureMetrics.ssim(noise, noise).item_double(), 1e-4);
            assertEquals(1, PictureMetrics.edgeCorrelation(noise, noise).item_double(), 1e-4);
            assertTrue(PictureMetrics.ssim(noise, other).item_double() < 0.5);
            assertTrue(Math.abs(PictureMetrics.edgeCorrelation(noise, other).item_double()) < 0.3);
            assertEquals(0, PictureMetrics.styleDistance(noise, noise).item_double(), 1e-6);
        }
    }

    @Test
    void aFilterResultIsNearestToItself() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor picture = Noise.normal(3, Placement.CPU, 1, 3, 64, 64).sigmoid();
            for (Style style : List.of(Style.OIL, Style.NEON, Style.SEPIA)) {
                Tensor styled = style.apply(picture);
                for (Style candidate : Style.values()) {
                    double distance = PictureMetrics.styleDistance(styled, candidate.apply(picture))
                            .item_double();
                    assertEquals(candidate == style, distance < 1e-6, style + " and " + candidate);
                }
            }
        }
    }

    @Test
    void figuresSayWhetherTheyReachWhatIsAsked() {
        assertTrue(Figure.atLeast("x", 5, 4, 3).good());
        assertTrue(Figure.atLeast("x", 3.5, 4, 3).toString().contains("above the floor"));
        assertTrue(Figure.atLeast("x", 2, 4, 3).toString().contains("BELOW"));
        assertTrue(Figure.atMost("x", 0.3, 0.35, 0.35).good());
        assertTrue(Figure.told("x", -1).good());
    }
}
