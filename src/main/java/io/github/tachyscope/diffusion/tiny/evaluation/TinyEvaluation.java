package io.github.tachyscope.diffusion.tiny.evaluation;

import io.github.tachyscope.diffusion.tiny.NoiseSchedule;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.scene.HeldOutScenes;
import io.github.tachyscope.diffusion.tiny.scene.Picture;
import io.github.tachyscope.diffusion.tiny.scene.Scene;
import io.github.tachyscope.diffusion.tiny.scene.SceneFamily;
import io.github.tachyscope.diffusion.tiny.scene.TrainingScenes;
import io.github.tachyscope.diffusion.tiny.style.Captions;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Measures a model on pictures it was not trained on: unseen scenes of the training families, and scenes of families
 * that training does not have. The yardstick for a style is its filter applied to the clean picture.
 */
public final class TinyEvaluation implements AutoCloseable {
    /** Seeds of training scenes count up from small numbers; these are far away. */
    private static final long UNSEEN_SEED = 1L << 40;

    private static final long NOISE_SEED = 0;
    private static final double FREE_TEXT_SIGMA = 0.15;
    private static final int FLICKER_FRAMES = 6;
    private static final double CAMERA_NOISE = 0.02;
    private static final List<Style> STYLES =
            Arrays.stream(Style.values()).filter(style -> style != Style.PHOTO).toList();
    private static final List<Style> FLICKER_STYLES =
            List.of(Style.OIL, Style.CARTOON, Style.PENCIL, Style.NEON, Style.WATERCOLOR);
    private static final List<ColourOperation> TINTS = List.of(
            ColourOperation.RED,
            ColourOperation.ORANGE,
            ColourOperation.YELLOW,
            ColourOperation.GREEN,
            ColourOperation.CYAN,
            ColourOperation.BLUE,
            ColourOperation.PURPLE,
            ColourOperation.PINK);

    private final Restyler model;
    private final Tensor known;
    private final Tensor unseen;
    private final Map<Style, Tensor> unseenTargets = new EnumMap<>(Style.class);

    /** @param pictures of each of the two sets; the whole set if there are no more */
    public TinyEvaluation(TinyModel model, int pictures) {
        this.model = new Restyler(model);
        try (TensorScope scope = TensorScope.inference()) {
            known = TensorScope.keep(stacked(Arrays.stream(SceneFamily.values())
                    .limit(Math.min(pictures, 8))
                    .map(family -> TrainingScenes.scene(family, UNSEEN_SEED + family.ordinal()))
                    .toList()));
            List<Scene> heldOut = HeldOutScenes.unseenFamilies();
            unseen = TensorScope.keep(stacked(spread(heldOut, pictures)));
            for (Style style : Style.values()) {
                unseenTargets.put(style, TensorScope.keep(style.apply(unseen)));
            }
        }
    }

    /** As many as asked for, from all over the list: its neighbours are of one family. */
    private static List<Scene> spread(List<Scene> scenes, int count) {
        int taken = Math.min(count, scenes.size());
        return Stream.iterate(0, i -> i + 1)
                .limit(taken)
                .map(i -> scenes.get(i * scenes.size() / taken))
                .toList();
    }

    private static Tensor stacked(List<Scene> scenes) {
        return torch.cat(
                new TensorVector(
                        scenes.stream().map(scene -> tensor(scene.picture())).toArray(Tensor[]::new)),
                0);
    }

    private static Tensor tensor(Picture picture) {
        return Tensor.create(picture.rgb(), 1, 3, picture.height(), picture.width());
    }

    /** Everything, told figure by figure. */
    public List<Figure> all(Consumer<Figure> told) {
        List<Figure> figures = new ArrayList<>();
        Consumer<Figure> both = told.andThen(figures::add);
        autoencoder(both, STYLES);
        restyling(both, STYLES);
        accuracy(both, STYLES);
        freeText(both);
        colours(both);
        structure(both);
        flicker(both);
        blending(both);
        return figures;
    }

    /** A fast part of it for an ordinary test: some styles, one step. */
    public List<Figure> quick() {
        List<Figure> figures = new ArrayList<>();
        List<Style> some = List.of(Style.NEON, Style.SEPIA, Style.CARTOON, Style.BLUEPRINT);
        autoencoder(figures::add, some);
        restyling(figures::add, some);
        return figures;
    }

    private void autoencoder(Consumer<Figure> told, List<Style> styles) {
        told.accept(Figure.atLeast("autoencoder, camera-like pictures (dB)", roundTrip(known), 34, 33.4));
        double styled = mean(styles, style -> roundTrip(style.apply(known)));
        told.accept(Figure.atLeast("autoencoder, styled pictures (dB)", styled, 32, 30.3));
        double unseenStyled = mean(styles, style -> roundTrip(unseenTargets.get(style)));
        told.accept(Figure.told("autoencoder, styled pictures of unseen families (dB)", unseenStyled));
    }

    private double roundTrip(Tensor pictures) {
        try (TensorScope scope = TensorScope.inference()) {
            return mean(PictureMetrics.psnr(model.roundTrip(pictures), pictures));
        }
    }

    private void restyling(Consumer<Figure> told, List<Style> styles) {
        Quality unfamiliar = quality(unseen, styles);
        told.accept(Figure.atLeast("unseen families, s 0.3, mean PSNR (dB)", unfamiliar.psnr, 25, 22.3));
        told.accept(Figure.atLeast("unseen families, s 0.3, mean SSIM", unfamiliar.ssim, 0.82, 0.74));
        told.accept(new Figure(
                "unseen families, s 0.3, worst style " + unfamiliar.worst + " (dB)",
                unfamiliar.worstPsnr,
                java.util.Optional.of(20.0),
                java.util.Optional.empty(),
                true));
        Quality familiar = quality(known, styles);
        told.accept(Figure.atLeast("known families, s 0.3, mean PSNR (dB)", familiar.psnr, 24, 21.4));
        told.accept(Figure.atLeast("known families, s 0.3, mean SSIM", familiar.ssim, 0.82, 0.745));
    }

    private record Quality(double psnr, double ssim, Style worst, double worstPsnr) {}

    private Quality quality(Tensor pictures, List<Style> styles) {
        double psnr = 0;
        double ssim = 0;
        Style worst = styles.get(0);
        double least = Double.MAX_VALUE;
        for (Style style : styles) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor target = style.apply(pictures);
                Tensor output = restyled(pictures, prompt(style), NoiseSchedule.video(0.3, 1));
                double here = mean(PictureMetrics.psnr(output, target));
                psnr += here / styles.size();
                ssim += mean(PictureMetrics.ssim(output, target)) / styles.size();
                if (here < least) {
                    least = here;
                    worst = style;
                }
            }
        }
        return new Quality(psnr, ssim, worst, least);
    }

    private void accuracy(Consumer<Figure> told, List<Style> styles) {
        double one = accuracy(styles, style -> prompt(style), NoiseSchedule.video(0.3, 1));
        told.accept(Figure.atLeast("style accuracy, one step, s 0.3 (%)", one, 92, 77));
        double two = accuracy(styles, style -> prompt(style), NoiseSchedule.video(0.5, 2));
        told.accept(Figure.atLeast("style accuracy, two steps, s 0.5 (%)", two, 92, 84));
    }

    private void freeText(Consumer<Figure> told) {
        SplittableRandom random = new SplittableRandom(1);
        List<String> sentences = Captions.unseenSentences();
        double share = accuracy(
                STYLES,
                style -> {
                    String synonym =
                            style.synonyms().get(random.nextInt(style.synonyms().size()));
                    return sentences.get(random.nextInt(sentences.size())).replace("{style}", synonym);
                },
                new double[] {FREE_TEXT_SIGMA});
        told.accept(Figure.atLeast("style accuracy, free text, sigma 0.15 (%)", share, 90, 81));
    }

    private interface PromptOf {
        String of(Style style);
    }

    /** Share of pictures whose nearest filter result is that of the prompt, in percent. */
    private double accuracy(List<Style> styles, PromptOf prompt, double[] sigmas) {
        int right = 0;
        for (Style style : styles) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor output = restyled(unseen, prompt.of(style), sigmas);
                List<Tensor> candidates =
                        Arrays.stream(Style.values()).map(unseenTargets::get).toList();
                right += hits(output, candidates, style.ordinal());
            }
        }
        return 100.0 * right / (styles.size() * unseen.size(0));
    }

    private static int hits(Tensor output, List<Tensor> candidates, int wanted) {
        Tensor distances = torch.stack(
                new TensorVector(candidates.stream()
                        .map(candidate -> distance(output, candidate))
                        .toArray(Tensor[]::new)),
                0);
        Tensor nearest = distances.argmin(new org.bytedeco.pytorch.LongOptional(0), false);
        return nearest.eq(new Scalar(wanted)).sum().item_int();
    }

    private static Tensor distance(Tensor output, Tensor candidate) {
        try (TensorScope scope = TensorScope.inference()) {
            return scope.handOut(PictureMetrics.styleDistance(output, candidate));
        }
    }

    private void colours(Consumer<Figure> told) {
        int right = 0;
        try (TensorScope scope = TensorScope.inference()) {
            Tensor plain = unseenTargets.get(Style.WATERCOLOR);
            List<Tensor> candidates = new ArrayList<>(List.of(plain));
            TINTS.forEach(tint -> candidates.add(tint.apply(plain)));
            for (int i = 0; i < TINTS.size(); i++) {
                String prompt = TINTS.get(i).names().get(0) + " watercolor";
                try (TensorScope one = TensorScope.inference()) {
                    right += hits(restyled(unseen, prompt, new double[] {FREE_TEXT_SIGMA}), candidates, i + 1);
                }
            }
        }
        told.accept(Figure.atLeast(
                "colour accuracy, sigma 0.15 (%)", 100.0 * right / (TINTS.size() * unseen.size(0)), 95, 98));
    }

    private void structure(Consumer<Figure> told) {
        Map<Double, Double> correlations = new TreeMap<>();
        for (double strength : new double[] {0.3, 0.5, 0.7, 0.9}) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor output = restyled(unseen, prompt(Style.OIL), NoiseSchedule.video(strength, 1));
                correlations.put(strength, mean(PictureMetrics.edgeCorrelation(output, unseenTargets.get(Style.OIL))));
            }
        }
        told.accept(Figure.atLeast("edge correlation, s 0.3", correlations.get(0.3), 0.85, 0.82));
        told.accept(Figure.told("edge correlation, s 0.5", correlations.get(0.5)));
        told.accept(Figure.told("edge correlation, s 0.7", correlations.get(0.7)));
        told.accept(Figure.atMost("edge correlation, s 0.9", correlations.get(0.9), 0.6, 0.6));
        boolean falls = correlations.get(0.5) > correlations.get(0.7) && correlations.get(0.7) > correlations.get(0.9);
        told.accept(Figure.atLeast("edge correlation falls from s 0.5 to 0.9 (1 yes)", falls ? 1 : 0, 1, 1));
        try (TensorScope scope = TensorScope.inference()) {
            double[] weak = NoiseSchedule.video(0.05, 1);
            double plain = mean(PictureMetrics.psnr(restyled(unseen, "", weak), unseen));
            told.accept(Figure.atLeast("the camera itself at s 0.05, no prompt (dB)", plain, 30, 27.3));
            double oil = mean(PictureMetrics.psnr(restyled(unseen, prompt(Style.OIL), weak), unseen));
            told.accept(Figure.told("the camera itself at s 0.05, oil painting (dB)", oil));
        }
    }

    /** A still camera's noise, and how much of it is left in the output. */
    private void flicker(Consumer<Figure> told) {
        double worst = 0;
        double redrawn = Double.MAX_VALUE;
        for (Style style : FLICKER_STYLES) {
            for (double sigma : new double[] {0.097, 0.2, 0.368}) {
                worst = Math.max(worst, flicker(style, sigma, false));
            }
            redrawn = Math.min(redrawn, flicker(style, 0.2, true));
        }
        told.accept(Figure.atMost("flicker, fixed noise, worst style and sigma", worst, 0.35, 0.35));
        told.accept(Figure.told("flicker, noise redrawn per frame, least", redrawn));
    }

    private double flicker(Style style, double sigma, boolean redrawn) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor still = unseen.narrow(0, 0, 1);
            double in = 0;
            double out = 0;
            Tensor lastInput = still;
            Tensor lastOutput = still;
            for (int frame = 0; frame < FLICKER_FRAMES; frame++) {
                Tensor input = still.add(
                        Noise.normal(100L + frame, Placement.CPU, still.shape()).mul(new Scalar(CAMERA_NOISE)));
                long seed = redrawn ? 1000L * frame : NOISE_SEED;
                Tensor output = model.restyle(input, Map.of(prompt(style), 1.0), new double[] {sigma}, seed);
                if (frame > 0) {
                    in += input.sub(lastInput).abs().mean().item_double();
                    out += output.sub(lastOutput).abs().mean().item_double();
                }
                lastInput = input;
                lastOutput = output;
            }
            return out / in;
        }
    }

    /** From one style to another: away from the first and nearer to the second at every step. */
    private void blending(Consumer<Figure> told) {
        int gradual = 0;
        try (TensorScope scope = TensorScope.inference()) {
            double before = -1;
            double ahead = Double.MAX_VALUE;
            for (int i = 0; i <= 5; i++) {
                Map<String, Double> prompts =
                        Map.of(prompt(Style.WATERCOLOR), 1 - i / 5.0, prompt(Style.NEON), i / 5.0);
                Tensor output = model.restyle(unseen, prompts, NoiseSchedule.video(0.3, 1), NOISE_SEED);
                double from = mean(PictureMetrics.styleDistance(output, unseenTargets.get(Style.WATERCOLOR)));
                double to = mean(PictureMetrics.styleDistance(output, unseenTargets.get(Style.NEON)));
                gradual += from > before && to < ahead ? 1 : 0;
                before = from;
                ahead = to;
            }
        }
        told.accept(Figure.atLeast("watercolor to neon: steps in the right direction of 6", gradual, 6, 6));
    }

    /** How close two forms of the same model are, in dB; the other one's weights are rounded differently. */
    public double agreement(TinyModel other) {
        Restyler second = new Restyler(other);
        return mean(FLICKER_STYLES, style -> {
            try (TensorScope scope = TensorScope.inference()) {
                double[] sigmas = NoiseSchedule.video(0.3, 1);
                Map<String, Double> prompts = Map.of(prompt(style), 1.0);
                return mean(PictureMetrics.psnr(
                        restyled(unseen, prompt(style), sigmas), second.restyle(unseen, prompts, sigmas, NOISE_SEED)));
            }
        });
    }

    private Tensor restyled(Tensor pictures, String prompt, double[] sigmas) {
        return model.restyle(pictures, Map.of(prompt, 1.0), sigmas, NOISE_SEED);
    }

    private static String prompt(Style style) {
        return style.synonyms().get(0);
    }

    private interface FigureOf {
        double of(Style style);
    }

    private static double mean(List<Style> styles, FigureOf figure) {
        double sum = 0;
        for (Style style : styles) {
            try (TensorScope scope = TensorScope.inference()) {
                sum += figure.of(style);
            }
        }
        return sum / styles.size();
    }

    private static double mean(Tensor perPicture) {
        return perPicture.mean().item_double();
    }

    @Override
    public void close() {
        TensorScope.release(known);
        TensorScope.release(unseen);
        unseenTargets.values().forEach(TensorScope::release);
    }
}
