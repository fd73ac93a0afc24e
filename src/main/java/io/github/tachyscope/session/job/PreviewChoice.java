package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.StepKind;
import java.util.Optional;

/**
 * Which previews a run makes. {@code auto} begins with the cheapest, so that something can be seen at once, and tries the
 * small decoder once:
 *
 * <pre>
 *   LATENT2RGB --first preview--> TAESD --its preview fits the share of a step--> TAESD for good
 *                                   +-- it does not, or none comes soon --> LATENT2RGB for good
 * </pre>
 */
final class PreviewChoice {
    static final String AUTO = "auto";

    /** A trial that could not be afforded for so many steps has failed; nothing was seen meanwhile. */
    private static final int PATIENCE = 3;

    private final double share;
    private PreviewMethod method;
    private boolean settled;
    private int waited;
    private double stepMicros;
    private long steps;

    /**
     * @param wanted name of a method, or {@code auto}; nothing is shown for any other
     * @param share of the time of a step that a preview may take if there is to be one after each
     */
    PreviewChoice(String wanted, double share) {
        this.share = share;
        this.settled = !wanted.equals(AUTO);
        this.method = settled ? PreviewMethod.named(wanted).orElse(PreviewMethod.NONE) : PreviewMethod.LATENT2RGB;
    }

    PreviewMethod method() {
        return method;
    }

    /** A step that is no preview has run; the method to go on with if that is another now. */
    Optional<PreviewMethod> stepped(StepPlan plan, long runMicros) {
        if (plan.key().kind() != StepKind.DENOISE) {
            return Optional.empty();
        }
        steps++;
        stepMicros += (runMicros - stepMicros) / steps;
        boolean trial = !settled && method == PreviewMethod.TAESD;
        return trial && ++waited > PATIENCE ? settle(PreviewMethod.LATENT2RGB) : Optional.empty();
    }

    /** A preview has run; the method to go on with if that is another now. */
    Optional<PreviewMethod> previewed(long runMicros) {
        if (settled) {
            return Optional.empty();
        }
        if (method == PreviewMethod.LATENT2RGB) {
            method = PreviewMethod.TAESD;
            return Optional.of(method);
        }
        return settle(runMicros <= share * stepMicros ? method : PreviewMethod.LATENT2RGB);
    }

    private Optional<PreviewMethod> settle(PreviewMethod choice) {
        settled = true;
        boolean changes = choice != method;
        method = choice;
        return changes ? Optional.of(choice) : Optional.empty();
    }
}
