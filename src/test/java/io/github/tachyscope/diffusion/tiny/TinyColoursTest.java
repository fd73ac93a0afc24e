package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.sd.vae.LatentRgb;
import io.github.tachyscope.diffusion.tiny.scene.Picture;
import io.github.tachyscope.diffusion.tiny.scene.TrainingScenes;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The colours of the bundled model's latents, fitted anew: least squares over what its encoder makes of training scenes
 * and its decoder of that. Says the table to write down where they differ.
 */
class TinyColoursTest {
    private static final int SCENES = 24;
    private static final int CHANNELS = TinyForm.LATENT_CHANNELS;

    private static TinyModel model;

    @BeforeAll
    static void load() {
        model = BundledWeights.load(folder -> TinyModel.load(folder, Placement.CPU));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /**
     * @param latents {@code [C, H, W]}
     * @param colours {@code [3, H, W]}, -1 to 1: the decoded picture at the size of the latents
     */
    private record Sample(float[] latents, float[] colours, int width, int height) {}

    private static Sample sample(Picture picture) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor pixels = Tensor.create(picture.rgb(), 1, 3, picture.height(), picture.width());
            Tensor latents = model.autoencoder().encode(pixels);
            Tensor decoded = model.autoencoder().decode(latents).clamp(lower(), upper());
            Tensor small = torch.avg_pool2d(decoded, TinyForm.REDUCTION);
            float[] colours = numbers(small);
            for (int i = 0; i < colours.length; i++) {
                colours[i] = 2 * colours[i] - 1;
            }
            return new Sample(numbers(latents), colours, (int) small.size(3), (int) small.size(2));
        }
    }

    private static ScalarOptional lower() {
        return new ScalarOptional(new Scalar(0.0));
    }

    private static ScalarOptional upper() {
        return new ScalarOptional(new Scalar(1.0));
    }

    private static float[] numbers(Tensor tensor) {
        float[] numbers = new float[(int) tensor.numel()];
        new FloatPointer(tensor.contiguous().data_ptr()).get(numbers);
        return numbers;
    }

    /** For each colour the factors of all channels and the bias, by the normal equations. */
    private static double[][] fit(List<Sample> samples) {
        int unknowns = CHANNELS + 1;
        double[][] sums = new double[unknowns][unknowns + 3];
        for (Sample sample : samples) {
            int places = sample.width() * sample.height();
            double[] row = new double[unknowns];
            row[CHANNELS] = 1;
            for (int place = 0; place < places; place++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    row[channel] = sample.latents()[channel * places + place];
                }
                for (int i = 0; i < unknowns; i++) {
                    for (int j = 0; j < unknowns; j++) {
                        sums[i][j] += row[i] * row[j];
                    }
                    for (int colour = 0; colour < 3; colour++) {
                        sums[i][unknowns + colour] += row[i] * sample.colours()[colour * places + place];
                    }
                }
            }
        }
        return solved(sums);
    }

    /** Gauss and Jordan; the matrix is positive definite. */
    private static double[][] solved(double[][] rows) {
        int unknowns = rows.length;
        for (int pivot = 0; pivot < unknowns; pivot++) {
            double head = rows[pivot][pivot];
            for (int j = pivot; j < unknowns + 3; j++) {
                rows[pivot][j] /= head;
            }
            for (int i = 0; i < unknowns; i++) {
                double factor = rows[i][pivot];
                for (int j = pivot; i != pivot && j < unknowns + 3; j++) {
                    rows[i][j] -= factor * rows[pivot][j];
                }
            }
        }
        double[][] solution = new double[unknowns][3];
        for (int i = 0; i < unknowns; i++) {
            System.arraycopy(rows[i], unknowns, solution[i], 0, 3);
        }
        return solution;
    }

    @Test
    void theTableIsTheLeastSquaresFitOverTheBundledAutoencoder() {
        double[][] fitted = fit(LongStream.range(0, SCENES)
                .mapToObj(seed -> sample(TrainingScenes.scene(seed).picture()))
                .toList());
        StringBuilder table = new StringBuilder("write down:\n");
        for (double[] row : fitted) {
            table.append(String.format(Locale.ROOT, "{%.4ff, %.4ff, %.4ff},%n", row[0], row[1], row[2]));
        }
        assertEquals(CHANNELS, TinyColours.TABLE.channels());
        // One latent of nothing, and one for each channel alone: what the table makes of them, in steps of 0 to 255.
        for (int channel = -1; channel < CHANNELS; channel++) {
            float[] latent = new float[CHANNELS];
            if (channel >= 0) {
                latent[channel] = 1;
            }
            VideoFrame shown = TinyColours.TABLE.picture(latent, 1, 1, 0);
            for (int colour = 0; colour < 3; colour++) {
                double value = fitted[CHANNELS][colour] + (channel < 0 ? 0 : fitted[channel][colour]);
                double expected = Math.max(0, Math.min(255, (value + 1) / 2 * 255));
                assertEquals(expected, shown.data()[colour] & 0xff, 1.5, table::toString);
            }
        }
    }

    @Test
    void unseenScenesLookLikeTheirDecodedPictures() {
        double sum = 0;
        int count = 0;
        double worst = Double.MAX_VALUE;
        for (long seed = SCENES; seed < SCENES + 8; seed++) {
            Sample sample = sample(TrainingScenes.scene(seed).picture());
            double psnr = psnr(sample, TinyColours.TABLE);
            sum += psnr;
            count++;
            worst = Math.min(worst, psnr);
        }
        String measured = String.format(Locale.ROOT, "mean %.1f dB, worst %.1f dB", sum / count, worst);
        assertTrue(sum / count > 16.5 && worst > 13, measured);
    }

    private static double psnr(Sample sample, LatentRgb table) {
        VideoFrame shown = table.picture(sample.latents(), sample.width(), sample.height(), 0);
        int places = sample.width() * sample.height();
        double squares = 0;
        for (int i = 0; i < 3 * places; i++) {
            double real = (sample.colours()[i % 3 * places + i / 3] + 1) / 2;
            double error = (shown.data()[i] & 0xff) / 255.0 - real;
            squares += error * error;
        }
        return -10 * Math.log10(squares / (3 * places));
    }
}
