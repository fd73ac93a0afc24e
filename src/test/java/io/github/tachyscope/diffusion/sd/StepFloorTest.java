package io.github.tachyscope.diffusion.sd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.Torch;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepFloorTest {
    @BeforeEach
    void oneThread() {
        Torch.useThreads(1);
    }

    @Test
    void theNarrowedDenoiserHasTheLayersOfTheRealOne() {
        UNetConfig real = UNetConfig.read(TinyForm.denoiser());
        assertEquals(names(real), names(StepFloor.narrowed(real)));
    }

    @Test
    void theNarrowedStableDiffusionHasTheLayersOfTheRealOne() {
        UNetConfig real = UNetConfig.read(SdForm.SD15.denoiser());
        // 686 tensors are those of the published file; making them all here would take seconds and gigabytes.
        assertEquals(686, names(StepFloor.narrowed(real)).size());
    }

    private static Set<String> names(UNetConfig form) {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            UNet.take(form, weights);
            return Set.copyOf(weights.parameters().keySet());
        }
    }

    @Test
    void aFloorIsMeasuredInEitherPrecision() {
        for (Precision precision : Set.of(Precision.FP32, Precision.BF16)) {
            double millis = StepFloor.millis(TinyForm.denoiser(), Placement.CPU.with(precision), Duration.ZERO);
            assertTrue(millis > 0 && millis < 10_000, precision + ": " + millis + " ms");
        }
    }
}
