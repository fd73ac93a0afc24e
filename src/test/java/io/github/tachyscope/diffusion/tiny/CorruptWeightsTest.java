package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model folder with one damaged file: refused by name, and nothing of it stays. */
class CorruptWeightsTest {
    private static final String NORM = "conv_norm_out.weight";
    private static final String KERNEL = "conv_out.weight";
    private static final String UNET = "diffusion_pytorch_model.safetensors";

    /** Small objects made outside of scopes go when the collector comes; a model has some two hundred tensors. */
    private static final int STRAYS = 10;

    @TempDir
    private static Path sound;

    @TempDir
    private Path folder;

    private Path denoiser;

    @BeforeAll
    static void write() throws IOException {
        Torch.useThreads(1);
        ModelFolder.write(sound);
    }

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> files = Files.walk(sound)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(sound.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        denoiser = folder.resolve("unet").resolve(UNET);
    }

    private PipelineProvider provider() {
        return new TinyProvider()
                .configured(new PipelineSettings(
                        List.of(),
                        Map.of(),
                        Duration.ofMinutes(1),
                        new PipelineSettings.Synthetic(1, Duration.ZERO),
                        Optional.of(folder),
                        Optional.empty(),
                        folder,
                        List.of()));
    }

    private void load() {
        Torch.useThreads(1);
        provider().load(Parameters.none(), Placement.CPU, stage -> {}).close();
    }

    /** Refused in words that name what is wrong; nothing stays loaded, and the sound folder still works. */
    private void assertRefused(String... named) throws IOException {
        assertRefusedOnce(named);
        long held = Pointer.totalCount();
        assertRefusedOnce(named);
        assertNotMoreThan(held);
        Files.copy(sound.resolve("unet").resolve(UNET), denoiser, StandardCopyOption.REPLACE_EXISTING);
        load();
    }

    private void assertRefusedOnce(String... named) {
        PipelineLoadFailed refused = assertThrows(PipelineLoadFailed.class, this::load);
        for (String name : named) {
            assertTrue(refused.getMessage().contains(name), refused.getMessage());
        }
    }

    @Test
    void theUndamagedCopyLoads() {
        load();
        long held = Pointer.totalCount();
        load();
        assertNotMoreThan(held);
    }

    @ParameterizedTest
    @CsvSource({"0", "7", "100", "5000", "-1000", "-1"})
    void aCutFile(int at) throws IOException {
        byte[] whole = Files.readAllBytes(denoiser);
        Files.write(denoiser, Arrays.copyOf(whole, at < 0 ? whole.length + at : at));
        assertRefused(UNET);
    }

    @Test
    void aFileWithSomethingBehindIt() throws IOException {
        byte[] whole = Files.readAllBytes(denoiser);
        Files.write(denoiser, Arrays.copyOf(whole, whole.length + 16));
        assertRefused(UNET);
    }

    @Test
    void aValueThatIsNoNumber() throws IOException {
        byte[] whole = Files.readAllBytes(denoiser);
        ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        // The last tensor is the last layer's bias; this is NaN in half precision.
        bytes.putShort(whole.length - 2, (short) 0x7e00);
        Files.write(denoiser, whole);
        assertRefused("conv_out.bias", "no numbers");
    }

    @Test
    void anotherShapeOfAsManyNumbers() throws IOException {
        edit(
                "\"" + KERNEL + "\":{\"dtype\":\"F16\",\"shape\":[12,48,3,3]",
                "\"" + KERNEL + "\":{\"dtype\":\"F16\",\"shape\":[48,12,3,3]");
        assertRefused(KERNEL, "shape");
    }

    @Test
    void integersInsteadOfWeights() throws IOException {
        edit("\"" + NORM + "\":{\"dtype\":\"F16\"", "\"" + NORM + "\":{\"dtype\":\"I16\"");
        assertRefused(NORM, "I16");
    }

    @Test
    void aTensorUnderAnotherName() throws IOException {
        edit("\"" + NORM + "\"", "\"" + NORM.replace("norm", "nrom") + "\"");
        assertRefused(NORM, "missing");
    }

    @Test
    void aNameThatIsThereTwice() throws IOException {
        // Same length, so that nothing else moves.
        edit("\"conv_norm_out.bias\"", "\"conv_out.weight\"   ");
        assertRefused(UNET);
    }

    @Test
    void aTensorThatIsPartOfAnother() throws IOException {
        String header = header();
        int at = header.indexOf("\"data_offsets\":[", header.indexOf("\"" + NORM + "\"")) + 16;
        int comma = header.indexOf(',', at);
        String start = header.substring(at, comma);
        String earlier = "1".repeat(start.length());
        edit(
                "[" + start + "," + header.substring(comma + 1, header.indexOf(']', comma)),
                "[" + earlier + "," + header.substring(comma + 1, header.indexOf(']', comma)));
        assertRefused(UNET);
    }

    @Test
    void theFileOfAnotherNetwork() throws IOException {
        Files.copy(folder.resolve("vae").resolve(UNET), denoiser, StandardCopyOption.REPLACE_EXISTING);
        assertRefused("missing", UNET);
    }

    @ParameterizedTest
    @CsvSource({"vae, config.json", "unet, config.json", "text_encoder, config.json", "tokenizer, vocab.json"})
    void aDescriptionThatIsNoJson(String component, String file) throws IOException {
        Path target = folder.resolve(component).resolve(file);
        byte[] before = Files.readAllBytes(target);
        Files.write(target, Arrays.copyOf(before, before.length / 2));
        assertRefusedOnce(file);
        long held = Pointer.totalCount();
        assertRefusedOnce(file);
        assertNotMoreThan(held);
    }

    private String header() throws IOException {
        byte[] whole = Files.readAllBytes(denoiser);
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return new String(whole, 8, length, StandardCharsets.UTF_8);
    }

    private static void assertNotMoreThan(long held) {
        long now = Pointer.totalCount();
        assertTrue(now <= held + STRAYS, () -> now + " native objects are held, before the last load " + held);
    }

    /** Replaces a part of the header by one of the same length. */
    private void edit(String before, String after) throws IOException {
        String header = header();
        assertEquals(before.length(), after.length());
        assertTrue(header.contains(before), header);
        byte[] whole = Files.readAllBytes(denoiser);
        byte[] changed = header.replace(before, after).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(changed, 0, whole, 8, changed.length);
        Files.write(denoiser, whole);
    }
}
