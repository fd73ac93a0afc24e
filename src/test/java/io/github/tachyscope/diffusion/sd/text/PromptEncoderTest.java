package io.github.tachyscope.diffusion.sd.text;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragments;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptEncoderTest {
    private static final double TOLERANCE = 1e-4;
    private static final Path CASES = Fixtures.folder("prompt_weighting");

    @TempDir
    private static Path padded;

    private static LoadedWeights firstWeights;
    private static LoadedWeights secondWeights;
    private static ClipTextModel first;
    private static ClipTextModel second;

    @BeforeAll
    static void load() throws Exception {
        firstWeights = LoadedWeights.folder(Fixtures.folder("clip_text"), "model", Placement.CPU);
        secondWeights = LoadedWeights.folder(Fixtures.folder("clip_text_with_projection"), "model", Placement.CPU);
        first = model("clip_text", firstWeights);
        second = model("clip_text_with_projection", secondWeights);
        for (String name : List.of("vocab.json", "merges.txt")) {
            Files.copy(Fixtures.folder("tokenizer_tiny").resolve(name), padded.resolve(name));
        }
        Files.writeString(padded.resolve("special_tokens_map.json"), "{\"pad_token\": \"!\"}");
    }

    @AfterAll
    static void free() {
        firstWeights.close();
        secondWeights.close();
    }

    private static ClipTextModel model(String name, LoadedWeights weights) {
        JsonNode config = Fixtures.json(Fixtures.folder(name).resolve("config.json"));
        return ClipTextModel.take(ClipTextConfig.read(config), weights);
    }

    private static TextEncoder one(TextEncoder.States states) {
        ClipTokenizer tokenizer = ClipTokenizer.read(Fixtures.folder("tokenizer_tiny"));
        return new TextEncoder(tokenizer, first, states, Placement.CPU);
    }

    private static PromptEncoder sd15() {
        return PromptEncoder.of(one(TextEncoder.States.LAST));
    }

    private static PromptEncoder sdxl() {
        TextEncoder last =
                new TextEncoder(ClipTokenizer.read(padded), second, TextEncoder.States.PENULTIMATE, Placement.CPU);
        return PromptEncoder.of(one(TextEncoder.States.PENULTIMATE), last);
    }

    @Test
    void embeddingsAreThoseOfTheReference() {
        long before = Pointer.totalCount();
        JsonNode cases = Fixtures.json(CASES.resolve("cases.json"));
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(CASES);
                PromptEncoder small = sd15();
                PromptEncoder large = sdxl()) {
            for (int pass = 0; pass < 2; pass++) { // the second time from the cache
                for (int i = 0; i < cases.size(); i++) {
                    String prompt = cases.get(i).path("prompt").asText();
                    Tensor expected = io.tensor(i + ".sd15.embeds");
                    assertClose(prompt, small.encode(prompt, 0).states(), expected, TOLERANCE);
                    if (io.entries().containsKey(i + ".sdxl.embeds")) {
                        PromptEmbedding both = large.encode(prompt, 0);
                        assertClose(prompt, both.states(), io.tensor(i + ".sdxl.embeds"), TOLERANCE);
                        Tensor pooled = large.literalPooled(prompt);
                        assertClose(prompt, pooled, io.tensor(i + ".sdxl.pooled"), TOLERANCE);
                        assertArrayEquals(
                                pooled.shape(), both.pooled().orElseThrow().shape());
                    }
                }
            }
        }
        assertEquals(before, Pointer.totalCount(), "native objects left behind");
    }

    @Test
    void thePooledStateIsThatOfTheTextWithoutItsSyntax() {
        try (TensorScope scope = TensorScope.inference();
                PromptEncoder encoder = sdxl()) {
            Tensor plain = encoder.literalPooled("a big red car");
            assertClose("weights", pooled(encoder, "a (big red)1.3 car-"), plain, 1e-6);
            assertClose("parts", pooled(encoder, "(\"a big\", \"red car\").and(1, 0.5)"), plain, 1e-6);
            Tensor mixed = encoder.literalPooled("a cat")
                    .mul(new Scalar(0.25))
                    .add(encoder.literalPooled("a dog"), new Scalar(0.75));
            assertClose("blend", pooled(encoder, "(\"a cat\", \"a dog\").blend(1, 3)"), mixed, 1e-5);
        }
    }

    private static Tensor pooled(PromptEncoder encoder, String prompt) {
        return encoder.encode(prompt, 0).pooled().orElseThrow();
    }

    @Test
    void aPromptMayBeFarTooLong() {
        try (TensorScope scope = TensorScope.inference();
                PromptEncoder encoder = sd15()) {
            String words = "a big cat ".repeat(40);
            Tensor cut = encoder.encode(words + "(and a dog)0.5", 0).states();
            assertArrayEquals(new long[] {1, 77, first.config().width()}, cut.shape());
            // Hiding words that are not there anyway changes nothing.
            assertClose("cut", cut, encoder.encode(words, 0).states(), 1e-5);
            Tensor many = encoder.encode("cat- dog-- ".repeat(60), 0).states();
            assertTrue(torch.isfinite(many).all().item_bool());
        }
    }

    @Test
    void aWeightOfZeroRemovesTheWords() {
        try (TensorScope scope = TensorScope.inference();
                PromptEncoder encoder = sd15()) {
            Tensor gone = encoder.encode("a cat (in the rain)0", 0).states();
            assertTrue(torch.isfinite(gone).all().item_bool());
            Tensor with = encoder.encode("a cat in the rain", 0).states();
            Tensor nearly = encoder.encode("a cat (in the rain)0.00001", 0).states();
            assertClose("limit", gone, nearly, 1e-3);
            assertTrue(Fixtures.distance(gone, with) > 0.1);
        }
    }

    @Test
    void layersCanBeLeftOut() {
        try (TensorScope scope = TensorScope.inference();
                PromptEncoder small = sd15();
                PromptEncoder large = sdxl()) {
            ClipTokenizer tokenizer = ClipTokenizer.read(Fixtures.folder("tokenizer_tiny"));
            ClipTextOutput output = first.forward(Tensor.create(tokenizer.encode("a cat", 77), 1, 77));
            assertClose("last", small.encode("a cat", 1).states(), first.skipped(output, 1), 1e-6);
            Tensor side = large.encode("a cat", 1)
                    .states()
                    .narrow(2, 0, first.config().width());
            assertClose("third", side, output.fromEnd(3), 1e-6);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> small.encode("a cat", first.config().layers() + 1));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> large.encode("a cat", first.config().layers()));
            assertThrows(IllegalArgumentException.class, () -> small.encode("a cat", -1));
        }
    }

    @Test
    void shorterPromptsAreFollowedByEmptyOnes() {
        try (TensorScope scope = TensorScope.inference();
                PromptEncoder encoder = sd15()) {
            PromptEmbedding one = encoder.encode("a cat", 0);
            PromptEmbedding three = encoder.encode("(\"a\", \"b\", \"c\").and()", 0);
            List<PromptEmbedding> equal = encoder.equalLength(List.of(one, three), 0);
            Tensor empty = encoder.encode("", 0).states();
            Tensor expected = torch.cat(new TensorVector(one.states(), empty, empty), 1);
            assertClose("padded", equal.get(0).states(), expected, 0);
            assertClose("longest", equal.get(1).states(), three.states(), 0);
        }
    }

    @Test
    void manyPromptsTakeNoMoreMemoryThanTheCacheHolds() {
        try (PromptEncoder encoder = sdxl()) {
            for (int i = 0; i < 70; i++) {
                encode(encoder, i);
            }
            long full = Pointer.totalCount();
            for (int i = 70; i < 140; i++) {
                encode(encoder, i);
            }
            assertEquals(full, Pointer.totalCount());
        }
    }

    private static void encode(PromptEncoder encoder, int number) {
        try (TensorScope scope = TensorScope.inference()) {
            encoder.encode("cat " + number, 0);
        }
    }

    @Test
    void aResultOutlivesItsPlaceInTheCache() {
        try (TensorScope scope = TensorScope.inference();
                TextEncoder encoder = one(TextEncoder.States.LAST)) {
            Tensor states = encoder.encode(Fragments.plain("a cat"), 0).states();
            Tensor copy = states.clone();
            for (int i = 0; i < 70; i++) {
                encoder.encode(Fragments.plain("dog " + i), 0);
            }
            assertClose("kept", states, copy, 0);
        }
    }
}
