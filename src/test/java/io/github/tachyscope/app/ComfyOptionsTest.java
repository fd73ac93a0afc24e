package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComfyOptionsTest {
    @Test
    void optionsOfComfyUiBecomeSettings() throws Exception {
        assertEquals(
                serving(Map.of(
                        "tachyscope.comfy.preview.method", "taesd",
                        "tachyscope.comfy.preview.size", "256",
                        "tachyscope.comfy.max-upload-size", "50 MiB",
                        "tachyscope.comfy.cors-origin", "https://a.example")),
                CommandLine.parse(List.of(
                        "--preview-method=taesd",
                        "--preview-size",
                        "256",
                        "--max-upload-size",
                        "50",
                        "--enable-cors-header",
                        "https://a.example")));
        assertEquals(
                serving(Map.of("tachyscope.comfy.cors-origin", "*", "tachyscope.server.port", "8188")),
                CommandLine.parse(List.of("--enable-cors-header", "--port", "8188")));
        assertEquals(
                "--preview-method needs a value",
                assertThrows(CommandLine.UsageProblem.class, () -> CommandLine.parse(List.of("--preview-method")))
                        .getMessage());
    }

    @Test
    void optionsAboutMemoryAreAcceptedAndNamed() throws Exception {
        List<String> given = List.of("--lowvram", "--port", "1", "--force-fp16");
        assertEquals(serving(Map.of("tachyscope.server.port", "1")), CommandLine.parse(given));
        assertEquals(List.of("--lowvram", "--force-fp16"), ComfyOptions.ignored(given));
        assertThrows(CommandLine.UsageProblem.class, () -> CommandLine.parse(List.of("--lowvram=1")));
    }

    @Test
    void theVariableComesBehindTheCommandAndBeforeTheOptions() {
        assertEquals(
                List.of("serve", "--web-dir", "my pages", "--port", "1", "--port", "2"),
                ComfyOptions.merged(" --web-dir 'my pages'  --port 1 ", List.of("serve", "--port", "2")));
        assertEquals(List.of("--lowvram", "-N"), ComfyOptions.merged("--lowvram", List.of("-N")));
        assertEquals(List.of("bench", "tiny"), ComfyOptions.merged("--lowvram", List.of("bench", "tiny")));
        assertEquals(List.of("-N"), ComfyOptions.merged("", List.of("-N")));
    }

    private static CommandLine serving(Map<String, String> options) {
        return new CommandLine.Serve(options, Optional.empty());
    }
}
