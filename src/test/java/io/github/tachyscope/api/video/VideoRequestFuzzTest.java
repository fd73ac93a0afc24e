package io.github.tachyscope.api.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VideoRequestFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEED = 20_261_121;
    private static final int INPUTS = 20_000;

    private static final String WHOLE = """
            {"prompt": "a cat", "model": "m", "negative_prompt": "rain", "seconds": "2", "size": "64x64", "width": 64,
             "height": 64, "num_frames": 9, "fps": 24, "video_params": {"width": 64, "height": 64, "fps": 8, "num_frames": 3},
             "num_inference_steps": 4, "guidance_scale": 1.5, "guidance_scale_2": 2, "true_cfg_scale": 3,
             "boundary_ratio": 0.5, "flow_shift": 3, "seed": 5, "image_reference": {"image_url": "data:image/png;base64,AAAA"},
             "lora": {"name": "n", "path": "p", "scale": 1, "int_id": 2}, "generate_sound": false, "sound_duration": 1,
             "enable_frame_interpolation": false, "frame_interpolation_exp": 1, "frame_interpolation_scale": 1.0,
             "quality": "q", "user": "u", "sampling_params": {"fps": 3, "shift": 1},
             "extra_params": {"video_codec_options": {"preset": "fast", "crf": 20}, "pace_to_media_time": true,
               "pacing_lead_seconds": 1, "pacing_max_lag_seconds": 2, "preencode_mp4": false, "noise_scale": 0.5}}""";

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "0",
            "1",
            "-1",
            "2.5",
            "1e400",
            "-1e-400",
            "123456789012345678901234567890",
            "\"\"",
            "\" \"",
            "\"x\"",
            "\"NaN\"",
            "\"Infinity\"",
            "\"1e99999999999\"",
            "\"0x10\"",
            "\"64x\"",
            "\"-5x5\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[]",
            "[1]",
            "{}",
            "{\"image_url\": null}",
            "{\"image_url\": \"data:,\"}",
            "{\"image_url\": \"data:image/png;base64,%%%\"}",
            "{\"image_url\": \"http://[\"}",
            "{\"image_url\": \"https://x/\\u0001\"}",
            "{\"a\": {\"b\": {\"c\": []}}}",
            "\"data:image/;base64,\"");

    @Test
    void nothingButFieldRejectedEscapes() throws Exception {
        Random random = new Random(SEED);
        PipelineSpec spec = new SyntheticProvider().spec();
        int read = 0;
        for (int i = 0; i < INPUTS; i++) {
            ObjectNode input = (ObjectNode) JSON.readTree(WHOLE);
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                change(input, random);
            }
            String text = input.toString();
            try {
                VideoRequest request = VideoRequest.read(input);
                read++;
                request.reference().filter(Reference::isData).ifPresent(Reference::data);
                request.echo();
                VideoPlan.of(request, spec, Optional.empty(), VideoPlan.seed(request), 1000);
            } catch (FieldRejected expected) {
                assertEquals(0, expected.getMessage().indexOf(expected.field()), text);
            } catch (RuntimeException escaped) {
                fail("seed " + SEED + ", input " + i + ": " + text, escaped);
            }
            assertEquals(text, input.toString(), "the request was changed by reading it");
        }
        // Most are wrong, some are not.
        assertTrue(read > INPUTS / 20, read + " were read");
    }

    private static void change(ObjectNode input, Random random) throws Exception {
        List<ObjectNode> objects = new ArrayList<>(List.of(input));
        input.forEach(member -> {
            if (member instanceof ObjectNode object) {
                objects.add(object);
            }
        });
        ObjectNode target = objects.get(random.nextInt(objects.size()));
        List<String> names = new ArrayList<>();
        target.fieldNames().forEachRemaining(names::add);
        if (names.isEmpty()) {
            return;
        }
        String name = names.get(random.nextInt(names.size()));
        if (random.nextInt(4) == 0) {
            target.remove(name);
        } else {
            JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
            target.set(name, value);
        }
    }
}
