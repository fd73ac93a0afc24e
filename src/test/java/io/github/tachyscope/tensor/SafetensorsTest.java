package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @Test
    void whatWasWrittenIsReadBack(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("model.safetensors");
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference()) {
            Tensor kernel = Noise.normal(1, Placement.CPU, 4, 3, 3, 3);
            Tensor scalar = torch.full(new long[0], new org.bytedeco.pytorch.Scalar(2.5f));
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("scalar", scalar);
            tensors.put("conv.weight", kernel);
            SafetensorsWriter.write(file, tensors, Precision.FP32, Map.of("format", "pt"));
            try (LoadedWeights weights = LoadedWeights.file(file, Placement.CPU)) {
                assertTrue(torch.equal(weights.take("conv.weight", 4, 3, 3, 3), kernel));
                assertEquals(2.5, weights.take("scalar").item_double());
                assertArrayEquals(
                        new long[] {4, 3, 3, 3}, weights.stored("conv.weight").orElseThrow());
                assertEquals(0, weights.unused().size());
                String missing = assertThrows(WeightsRejected.class, () -> weights.take("conv.bias", 4))
                        .getMessage();
                assertTrue(missing.contains("conv.bias"), missing);
            }
        }
        assertEquals(before, Pointer.totalCount());
        assertEquals(1, Files.list(directory).count());
    }
}
