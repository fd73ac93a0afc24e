package io.github.tachyscope.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.tensor.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Parity data of the reference implementations: one folder per case. {@code -Dtachyscope.fixtures=<dir>} checks another
 * set of folders with the same layout.
 */
public final class Fixtures {
    private static final Path ROOT =
            Path.of(System.getProperty("tachyscope.fixtures", "src/test/resources/fixtures/sd"));

    private Fixtures() {}

    public static Path folder(String name) {
        return ROOT.resolve(name);
    }

    /** The folders that look like a case of this kind, sorted; there must be one at least. */
    public static List<Path> folders(Predicate<Path> kind) {
        try (Stream<Path> all = Files.list(ROOT)) {
            List<Path> found =
                    all.filter(Files::isDirectory).filter(kind).sorted().toList();
            assertTrue(!found.isEmpty(), "no such fixture in " + ROOT.toAbsolutePath());
            return found;
        } catch (IOException unreadable) {
            throw new IllegalStateException("no fixtures in " + ROOT.toAbsolutePath(), unreadable);
        }
    }

    public static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException unreadable) {
            throw new IllegalStateException(file.toString(), unreadable);
        }
    }

    /** The numbers of a case: {@code io.safetensors}. */
    public static SafetensorsFile io(Path folder) {
        return SafetensorsFile.open(folder.resolve("io.safetensors"));
    }

    /** Largest absolute difference, in double precision. */
    public static double distance(Tensor actual, Tensor expected) {
        org.bytedeco.pytorch.global.torch.ScalarType wide = org.bytedeco.pytorch.global.torch.ScalarType.Double;
        assertTrue(
                java.util.Arrays.equals(actual.shape(), expected.shape()),
                () -> java.util.Arrays.toString(actual.shape()) + " instead of "
                        + java.util.Arrays.toString(expected.shape()));
        return actual.to(wide).sub(expected.to(wide)).abs().max().item_double();
    }

    /** Fails unless the largest absolute difference is within {@code tolerance}. */
    public static void assertClose(String what, Tensor actual, Tensor expected, double tolerance) {
        double distance = distance(actual, expected);
        assertTrue(distance <= tolerance, what + ": max abs error " + distance + ", allowed is " + tolerance);
    }
}
