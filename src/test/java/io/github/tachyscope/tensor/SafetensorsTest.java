package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void oneThread() {
        Torch.useThreads(1);
    }

    private Path path() {
        return directory.resolve("model.safetensors");
    }

    @Test
    void whatWasWrittenIsReadBack() throws Exception {
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference()) {
            Tensor kernel = Noise.normal(1, Placement.CPU, 4, 3, 3, 3);
            Tensor scalar = torch.full(new long[0], new Scalar(2.5f));
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("scalar", scalar);
            tensors.put("conv.weight", kernel.contiguous(MemoryFormat.ChannelsLast));
            tensors.put("empty", torch.zeros(0, 7));
            SafetensorsWriter.write(path(), tensors, Precision.FP32, Map.of("format", "pt", "step", "100"));
            try (LoadedWeights weights = LoadedWeights.file(path(), Placement.CPU)) {
                assertTrue(torch.equal(weights.take("conv.weight", 4, 3, 3, 3), kernel));
                assertTrue(weights.take("conv.weight", 4, 3, 3, 3).is_contiguous(MemoryFormat.ChannelsLast));
                assertEquals(2.5, weights.take("scalar").item_double());
                assertEquals(Set.of("empty"), weights.unused());
                assertEquals(0, weights.take("empty", 0, 7).numel());
                assertArrayEquals(
                        new long[] {4, 3, 3, 3}, weights.stored("conv.weight").orElseThrow());
                assertEquals(Set.of(), weights.unused());
                assertEquals(
                        List.of("conv.weight", "scalar", "empty"),
                        List.copyOf(weights.parameters().keySet()));
                String missing = assertThrows(WeightsRejected.class, () -> weights.take("conv.bias", 4))
                        .getMessage();
                assertEquals("tensor conv.bias is missing in model.safetensors", missing);
            }
            try (SafetensorsFile file = SafetensorsFile.open(path())) {
                assertEquals(Map.of("format", "pt", "step", "100"), file.metadata());
            }
        }
        NativeObjects.assertNoMoreThan(before);
        assertEquals(List.of("model.safetensors"), names());
    }

    @Test
    void everyPrecisionIsWrittenAndRead() throws Exception {
        for (Precision precision : Precision.values()) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor original = Noise.normal(7, Placement.CPU, 5, 11);
                SafetensorsWriter.write(path(), Map.of("w", original), precision, Map.of());
                for (Precision wanted : Precision.values()) {
                    Placement placement = Placement.CPU.with(wanted);
                    try (LoadedWeights weights = LoadedWeights.file(path(), placement)) {
                        Tensor expected =
                                placement.place(Placement.CPU.with(precision).place(original));
                        Tensor taken = weights.take("w", 5, 11);
                        assertEquals(wanted.type(), taken.scalar_type().intern());
                        assertTrue(torch.equal(expected, taken), precision + " as " + wanted);
                    }
                }
            }
        }
    }

    @Test
    void everyTypeIsReadWhereverItLies() throws Exception {
        // One byte before each tensor: none begins at a multiple of its size.
        for (SafetensorsEntry.Type type : SafetensorsEntry.Type.values()) {
            int width = type.bytes();
            byte[] data = new byte[1 + 2 * width];
            data[0] = 1;
            // Of each type's numbers 0 and something; the second's highest byte is 1 or, for a bool, true.
            data[data.length - 1] = 1;
            String header =
                    "{'pad':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'t':{'dtype':'%s','shape':[2],'data_offsets':[1,%d]}}"
                            .formatted(type, data.length);
            RawFile.write(path(), header, data);
            try (TensorScope scope = TensorScope.inference();
                    SafetensorsFile file = SafetensorsFile.open(path())) {
                Tensor read = file.tensor("t");
                assertEquals(type.scalar(), read.scalar_type().intern());
                ByteBuffer expected =
                        ByteBuffer.wrap(data, 1, 2 * width).slice().order(ByteOrder.LITTLE_ENDIAN);
                ByteBuffer found =
                        new BytePointer(read.data_ptr()).capacity(2L * width).asByteBuffer();
                assertEquals(expected, found.slice().order(ByteOrder.LITTLE_ENDIAN), type.name());
            }
        }
    }

    @Test
    void aFileAboveTwoGibibytesIsReadWhereItMatters() throws Exception {
        long hole = (1L << 31) + 8;
        byte[] head = RawFile.bytes(
                "{'hole':{'dtype':'U8','shape':[%d],'data_offsets':[0,%d]},'w':{'dtype':'F32','shape':[2],'data_offsets':[%d,%d]}}"
                        .formatted(hole, hole, hole, hole + 8),
                new byte[0]);
        try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(head));
            channel.write(ByteBuffer.wrap(RawFile.floats(1.5f, -3f)), head.length + hole);
        }
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = LoadedWeights.file(path(), Placement.CPU)) {
            Tensor taken = weights.take("w", 2);
            assertEquals(-1.5, taken.sum().item_double());
        }
    }

    @Test
    void whoCutsAnOpenFileIsNoticedAndTakenTensorsStay() throws Exception {
        RawFile.write(
                path(),
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}",
                RawFile.floats(3, 4));
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = LoadedWeights.file(path(), Placement.CPU)) {
            Tensor taken = weights.take("a", 1);
            Files.write(path(), new byte[0]);
            assertThrows(WeightsRejected.class, () -> weights.take("b", 1));
            assertEquals(3, taken.item_double());
        }
    }

    @Test
    void closingGivesEverythingBackAndMayComeTwice() throws Exception {
        RawFile.write(path(), "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}", RawFile.floats(3));
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference()) {
            LoadedWeights weights = LoadedWeights.file(path(), Placement.CPU);
            weights.take("w", 1);
            assertEquals(Files.isDirectory(Path.of("/proc/self/fd")) ? 1 : 0, openFiles());
            weights.close();
            weights.close();
            assertThrows(WeightsRejected.class, () -> weights.take("w", 1));
        }
        NativeObjects.assertNoMoreThan(before);
        assertEquals(0, openFiles());
    }

    @Test
    void aFailedWriteLeavesNothingBehind() throws Exception {
        Files.createDirectories(path().resolve("taken"));
        try (TensorScope scope = TensorScope.inference()) {
            Tensor closed = torch.ones(2);
            closed.close();
            assertThrows(
                    RuntimeException.class,
                    () -> SafetensorsWriter.write(path(), Map.of("w", closed), Precision.FP32, Map.of()));
        }
        assertEquals(List.of("model.safetensors"), names());
    }

    private List<String> names() throws Exception {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).toList();
        }
    }

    /** How many files of the directory this process has open. Linux only; nothing can be open elsewhere. */
    private long openFiles() throws Exception {
        Path self = Path.of("/proc/self/fd");
        if (!Files.isDirectory(self)) {
            return 0;
        }
        long count = 0;
        try (Stream<Path> open = Files.list(self)) {
            for (Path link : open.toList()) {
                if (Files.exists(link) && Files.readSymbolicLink(link).startsWith(directory.toRealPath())) {
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void onlyFloatingNumbersAreWeights() throws Exception {
        RawFile.write(path(), "{'w':{'dtype':'I64','shape':[1],'data_offsets':[0,8]}}", new byte[8]);
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = LoadedWeights.file(path(), Placement.CPU)) {
            String message = assertThrows(WeightsRejected.class, () -> weights.take("w", 1))
                    .getMessage();
            assertTrue(message.contains("tensor w") && message.contains("I64"), message);
            assertFalse(weights.parameters().containsKey("w"));
        }
    }
}
