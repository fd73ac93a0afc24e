package io.github.tachyscope.diffusion.tiny.style;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColourOperationTest {
    private PointerScope scope;
    private InferenceMode inference;

    @BeforeEach
    void open() {
        torch.set_num_threads(1);
        scope = new PointerScope();
        inference = new InferenceMode(true);
    }

    @AfterEach
    void close() {
        inference.close();
        scope.close();
    }

    @Test
    void keepsShapeAndRangeAndFreesEverythingElse() {
        Tensor picture = Samples.discs(1, 48, 32);
        for (ColourOperation operation : ColourOperation.values()) {
            long before = Pointer.totalCount();
            Tensor result = operation.apply(picture);
            NativeObjects.assertNoMoreThan(before + 1, operation.name());
            assertArrayEquals(new long[] {1, 3, 48, 32}, result.shape());
            for (float value : Samples.values(result)) {
                assertTrue(value >= 0 && value <= 1, operation + " made " + value);
            }
        }
    }

    @Test
    void noneChangesNothingAndAllOthersDiffer() {
        Tensor picture = Samples.discs(2, 64, 64);
        Map<ColourOperation, Tensor> results = new EnumMap<>(ColourOperation.class);
        for (ColourOperation operation : ColourOperation.values()) {
            results.put(operation, operation.apply(picture));
        }
        assertEquals(0, Samples.meanDifference(picture, results.get(ColourOperation.NONE)));
        for (ColourOperation left : ColourOperation.values()) {
            for (ColourOperation right : ColourOperation.values()) {
                if (left.compareTo(right) < 0) {
                    double difference = Samples.meanDifference(results.get(left), results.get(right));
                    assertTrue(difference > 0.02, left + " and " + right + " differ by " + difference);
                }
            }
        }
    }

    /** Which channels of a grey picture end above its luma (+) and below it (-). */
    @ParameterizedTest
    @CsvSource({
        "RED,+--",
        "ORANGE,+.-",
        "YELLOW,++-",
        "GREEN,-+-",
        "CYAN,-++",
        "BLUE,--+",
        "PURPLE,.-+",
        "PINK,+-.",
        "WARM,+.-",
        "COLD,-.+"
    })
    void tintsGreyIntoItsColour(ColourOperation operation, String signs) {
        float[] colour = Samples.values(operation.apply(torch.full(new long[] {1, 3, 1, 1}, new Scalar(0.5f))));
        for (int channel = 0; channel < 3; channel++) {
            double change = colour[channel] - (colour[0] + colour[1] + colour[2]) / 3;
            char sign = signs.charAt(channel);
            assertTrue(
                    sign == '.' || (sign == '+' ? change > 0.02 : change < -0.02), operation + " channel " + channel);
        }
    }

    @Test
    void blackAndWhiteHasNoColourAndVividHasMore() {
        Tensor picture = Samples.discs(3, 32, 32);
        assertEquals(0, chroma(ColourOperation.BLACK_AND_WHITE.apply(picture)), 1e-6);
        assertTrue(chroma(ColourOperation.VIVID.apply(picture)) > 1.3 * chroma(picture));
        assertTrue(chroma(ColourOperation.PASTEL.apply(picture)) < 0.5 * chroma(picture));
    }

    @Test
    void namesAreFewAndBelongToOneOperation() {
        Set<String> seen = new HashSet<>();
        for (ColourOperation operation : ColourOperation.values()) {
            int names = operation.names().size();
            assertTrue(operation == ColourOperation.NONE ? names == 0 : names >= 2 && names <= 4, operation.name());
            operation.names().forEach(name -> assertTrue(seen.add(name), name));
        }
    }

    private static double chroma(Tensor picture) {
        return Samples.meanDifference(picture.narrow(1, 0, 1), picture.narrow(1, 1, 1))
                + Samples.meanDifference(picture.narrow(1, 1, 1), picture.narrow(1, 2, 1));
    }
}
