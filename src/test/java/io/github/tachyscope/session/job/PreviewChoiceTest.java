package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.StepKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreviewChoiceTest {
    private static final StepPlan DENOISE = new StepPlan(new BatchKey("p", StepKind.DENOISE, ""), 0, 0, 1, 1);
    private static final StepPlan DECODE = new StepPlan(new BatchKey("p", StepKind.DECODE, ""), 0, 0, 1, 1);

    @ParameterizedTest
    @CsvSource({"none,NONE", "latent2rgb,LATENT2RGB", "taesd,TAESD", "full,FULL", "finest,NONE"})
    void whatIsNamedStays(String name, PreviewMethod method) {
        PreviewChoice choice = new PreviewChoice(name, 0.05);
        assertEquals(method, choice.method());
        for (int step = 0; step < 10; step++) {
            assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
            assertEquals(Optional.empty(), choice.previewed(50_000));
        }
        assertEquals(method, choice.method());
    }

    private static PreviewChoice tried() {
        PreviewChoice choice = new PreviewChoice("auto", 0.05);
        assertEquals(PreviewMethod.LATENT2RGB, choice.method());
        assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
        assertEquals(Optional.of(PreviewMethod.TAESD), choice.previewed(100));
        assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
        return choice;
    }

    @Test
    void theBetterOneStaysIfEachStepCanPayForIt() {
        PreviewChoice choice = tried();
        assertEquals(Optional.empty(), choice.previewed(5_000));
        for (int step = 0; step < 10; step++) {
            assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
        }
        assertEquals(PreviewMethod.TAESD, choice.method());
    }

    @Test
    void theBetterOneGoesIfItIsTooDear() {
        PreviewChoice choice = tried();
        choice.stepped(DECODE, 10_000_000);
        assertEquals(Optional.of(PreviewMethod.LATENT2RGB), choice.previewed(5_001));
        assertEquals(Optional.empty(), choice.previewed(100), "tried once");
        assertEquals(PreviewMethod.LATENT2RGB, choice.method());
    }

    @Test
    void theBetterOneGoesIfItIsNeverAfforded() {
        PreviewChoice choice = tried();
        assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
        assertEquals(Optional.empty(), choice.stepped(DENOISE, 100_000));
        assertEquals(Optional.of(PreviewMethod.LATENT2RGB), choice.stepped(DENOISE, 100_000));
        // One that was on its way already.
        assertEquals(Optional.empty(), choice.previewed(5_000));
        assertEquals(PreviewMethod.LATENT2RGB, choice.method());
    }
}
