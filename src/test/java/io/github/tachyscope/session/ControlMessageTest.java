package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlMessageTest {
    @Test
    void splitsWhatTheSessionActsOnFromWhatThePipelinesGet() {
        ControlMessage message = ControlMessage.parse("""
                        {"paused": true, "input_mode": "text", "node_id": "a", "stats": true, "noise_scale": 0.5,
                         "quantize_mode": "beat", "recording": true, "guidance_scale": null}""").orElseThrow();
        assertEquals(Optional.of(true), message.paused());
        assertEquals(Optional.of(true), message.stats());
        assertEquals(Optional.of(InputMode.TEXT), message.inputMode());
        assertEquals(Optional.of("a"), message.nodeId());
        assertEquals("{\"noise_scale\":0.5}", message.parameters().toJson().toString());
    }

    @Test
    void ignoresWhatIsNoJsonObject() {
        for (String text : new String[] {"", " ", "null", "[]", "1", "\"x\"", "{", "{\"a\":}", "}{", "\0\1\2"}) {
            assertTrue(ControlMessage.parse(text).isEmpty(), text);
        }
    }

    @Test
    void anUnknownInputModeOrAWrongTypeIsLeftOut() {
        ControlMessage message = ControlMessage.parse("{\"input_mode\":\"camera\",\"paused\":\"yes\",\"stats\":1}")
                .orElseThrow();
        assertTrue(message.inputMode().isEmpty());
        assertTrue(message.paused().isEmpty());
        assertTrue(message.stats().isEmpty());
        assertTrue(message.parameters().isEmpty());
    }

    @Test
    void survivesTwentyThousandMutatedMessages() {
        long seed = 20_261_121;
        Random random = new Random(seed);
        String sample = "{\"prompts\":[{\"text\":\"a \\u00e9 cat\",\"weight\":1.5}],\"paused\":false,"
                + "\"denoising_step_list\":[1000,750],\"transition\":{\"target_prompts\":[],\"num_steps\":4}}";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder mutated = new StringBuilder(sample);
            for (int edits = random.nextInt(6); edits >= 0; edits--) {
                int at = random.nextInt(Math.max(1, mutated.length() - 1));
                switch (random.nextInt(4)) {
                    case 0 -> mutated.setCharAt(at, (char) random.nextInt(0x300));
                    case 1 -> mutated.replace(at, at + 1, " ");
                    case 2 -> mutated.insert(at, "{\"[".charAt(random.nextInt(3)));
                    default -> mutated.setLength(Math.max(2, at));
                }
            }
            try {
                ControlMessage.parse(mutated.toString());
            } catch (RuntimeException escaped) {
                throw new AssertionError("seed " + seed + ", input " + i + ": " + mutated, escaped);
            }
        }
    }

    @Test
    void refusesDeepNestingInsteadOfFollowingIt() {
        assertTrue(ControlMessage.parse("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}")
                .isEmpty());
    }
}
