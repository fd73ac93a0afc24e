package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.evaluation.Figure;
import io.github.tachyscope.diffusion.tiny.evaluation.Samples;
import io.github.tachyscope.diffusion.tiny.evaluation.TinyEvaluation;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Measures the bundled model, or another one of its form, on pictures it was not trained on. */
final class EvalTiny implements Command {
    static final String USAGE = """
            Usage: tachyscope eval-tiny --model DIR [options]

            Measures a model of the bundled form on scenes it was not trained on.

              --model DIR        folder with vae/, unet/, text_encoder/ and tokenizer/
              --full DIR         the same model before its weights were rounded: tells how far the two agree
              --precision NAME   fp32 or bf16 (default: fp32)
              --pictures N       of each of the two test sets (default: 9, all)
              --samples DIR      also writes pictures to look at: styles.png and imagined.png
            """;

    /** As many as the larger of the two sets has. */
    private static final int ALL_PICTURES = 9;

    private static final int SAMPLED_SCENES = 3;

    private final PrintStream out;

    EvalTiny(PrintStream out) {
        this.out = out;
    }

    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) throws Exception {
        Optional<Path> folder = Optional.empty();
        Optional<Path> full = Optional.empty();
        Optional<Path> samples = Optional.empty();
        Precision precision = Precision.FP32;
        int pictures = ALL_PICTURES;
        Deque<String> left = new ArrayDeque<>(arguments);
        while (!left.isEmpty()) {
            String option = left.remove();
            switch (option) {
                case "-h", "--help" -> {
                    out.print(USAGE);
                    return ExitCode.OK;
                }
                case "--model" -> folder = Optional.of(Path.of(TrainTiny.text(option, left)));
                case "--full" -> full = Optional.of(Path.of(TrainTiny.text(option, left)));
                case "--samples" -> samples = Optional.of(Path.of(TrainTiny.text(option, left)));
                case "--pictures" -> pictures = (int) TrainTiny.whole(option, left, 1, ALL_PICTURES);
                case "--precision" -> precision = precision(TrainTiny.text(option, left));
                default -> throw new CommandLine.UsageProblem("eval-tiny: unknown option \"" + option + "\"");
            }
        }
        Path at = folder.orElseThrow(() -> new CommandLine.UsageProblem("eval-tiny needs --model DIR"));
        Placement placement = Placement.CPU.with(precision);
        try (TinyModel model = TinyModel.load(at, placement);
                TinyEvaluation evaluation = new TinyEvaluation(model, pictures)) {
            out.printf(Locale.ROOT, "%-52s %8s  %10s  %10s%n", "figure", "value", "required", "floor");
            List<Figure> figures = evaluation.all(out::println);
            if (full.isPresent()) {
                try (TinyModel exact = TinyModel.load(full.get(), placement)) {
                    out.printf(
                            Locale.ROOT,
                            "%-52s %8.3f%n",
                            "agreement with the unrounded weights (dB)",
                            evaluation.agreement(exact));
                }
            }
            if (samples.isPresent()) {
                Samples.styles(model, samples.get().resolve("styles.png"), SAMPLED_SCENES);
                Samples.imagined(model, samples.get().resolve("imagined.png"));
            }
            long missed = figures.stream().filter(figure -> !figure.good()).count();
            out.printf(Locale.ROOT, "%d of %d figures do not reach what is required%n", missed, figures.size());
        }
        return ExitCode.OK;
    }

    private static Precision precision(String name) throws CommandLine.UsageProblem {
        return switch (name) {
            case "fp32" -> Precision.FP32;
            case "bf16" -> Precision.BF16;
            default -> throw new CommandLine.UsageProblem("eval-tiny: --precision " + name + "; fp32 or bf16");
        };
    }
}
