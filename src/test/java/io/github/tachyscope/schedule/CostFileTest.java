package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.StepKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostFileTest {
    private static final List<String> CPU = List.of("cpu: Processor; bf16; 2 lanes of 1 threads");
    private static final List<CostModel.Measured> COSTS = List.of(
            new CostModel.Measured("tiny", StepKind.DENOISE, "256x256 \"x\"", 1, 31_500, 31_200, 34_000, 4_711),
            new CostModel.Measured("tiny", StepKind.DECODE, "256x256", 4, 40_000, 41_000, 52_000, 3));

    @TempDir
    Path directory;

    private Path path() {
        return directory.resolve("state").resolve("costs.json");
    }

    private CostFile file(String version, List<String> devices) {
        return new CostFile(path(), version, devices);
    }

    @Test
    void givesBackWhatItKeptAndLeavesNothingElse() throws Exception {
        assertEquals(List.of(), file("1", CPU).read());
        file("1", CPU).write(List.of());
        file("1", CPU).write(COSTS);
        assertEquals(COSTS, file("1", CPU).read());
        try (Stream<Path> all = Files.list(path().getParent())) {
            assertEquals(List.of(path()), all.toList());
        }
    }

    @Test
    void isNotForAnotherVersionOrDevice() throws Exception {
        file("1", CPU).write(COSTS);
        assertEquals(List.of(), file("2", CPU).read());
        assertEquals(
                List.of(),
                file("1", List.of("cpu: Processor; fp32; 2 lanes of 1 threads")).read());
        assertEquals(
                List.of(),
                file("1", List.of(CPU.get(0), "cuda:0: Card; fp16; 2 lanes of 1 threads"))
                        .read());
    }

    @Test
    void isIgnoredIfItMakesNoSense() throws Exception {
        file("1", CPU).write(COSTS);
        String good = Files.readString(path());
        for (int cut = 0; cut < good.length() - 1; cut += 61) {
            Files.writeString(path(), good.substring(0, cut));
            assertEquals(List.of(), file("1", CPU).read(), "cut after " + cut);
        }
        for (String other : List.of("[]", "null", "7", "{}", "{\"version\":\"1\",\"devices\":7,\"costs\":{}}")) {
            Files.writeString(path(), other);
            assertEquals(List.of(), file("1", CPU).read(), other);
        }
        Files.delete(path());
        Files.createDirectory(path());
        assertEquals(List.of(), file("1", CPU).read());
    }

    @Test
    void leavesOutEntriesThatCannotBe() throws IOException {
        file("1", CPU).write(COSTS);
        String good = Files.readString(path());
        List<String> changes = List.of(
                good.replace("\"denoise\"", "\"dance\""),
                good.replace("31500", "-1"),
                good.replace("31500", "99999999999999999"),
                good.replace("31500", "\"much\""),
                good.replace("4711", "0"),
                good.replace("\"batch\" : 1,", "\"batch\" : 0,"));
        for (String changed : changes) {
            assertTrue(!changed.equals(good), "nothing was changed");
            Files.writeString(path(), changed);
            assertEquals(List.of(COSTS.get(1)), file("1", CPU).read(), changed);
        }
    }
}
