package io.github.tachyscope.diffusion.sd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SelfTest.Finding;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParityCheckTest {
    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyNetworkPassesInEveryFormat(Precision precision) {
        List<Finding> findings = ParityCheck.run(Fixtures.folder(""), Placement.CPU.with(precision));
        assertTrue(findings.size() >= 6, findings::toString);
        assertEquals(
                List.of(),
                findings.stream().filter(finding -> !finding.passed()).toList());
    }

    @Test
    void aWrongOutputIsFound(@TempDir Path folder) throws Exception {
        Path model = Files.createDirectory(folder.resolve("taesd"));
        Path good = Fixtures.folder("taesd");
        for (String name : List.of("config.json", "io.safetensors", "diffusion_pytorch_model.safetensors")) {
            Files.copy(good.resolve(name), model.resolve(name));
        }
        byte[] weights = Files.readAllBytes(model.resolve("diffusion_pytorch_model.safetensors"));
        // Another number in the middle of the weights: the exponent of a half.
        weights[weights.length / 2 | 1] ^= 0x10;
        Files.write(model.resolve("diffusion_pytorch_model.safetensors"), weights);
        List<Finding> findings = ParityCheck.run(folder, Placement.CPU);
        assertEquals(1, findings.stream().filter(finding -> !finding.passed()).count(), findings::toString);
    }

    @Test
    void aFolderWithoutModelsIsRefused(@TempDir Path folder) {
        assertThrows(WeightsRejected.class, () -> ParityCheck.run(folder, Placement.CPU));
        assertThrows(WeightsRejected.class, () -> ParityCheck.run(folder.resolve("absent"), Placement.CPU));
    }
}
