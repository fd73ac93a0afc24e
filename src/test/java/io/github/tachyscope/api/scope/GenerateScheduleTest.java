package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.store.StoreRefused;
import io.github.tachyscope.testkit.Mutations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule from the fields of a request to the parameters of its chunks. */
class GenerateScheduleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long CHUNKS = 5;

    private static PipelineSpec spec(boolean everything) {
        List<ParameterSpec> parameters = new ArrayList<>();
        parameters.add(CommonParameters.baseSeed(1));
        parameters.add(CommonParameters.prompts());
        parameters.add(CommonParameters.transition());
        if (everything) {
            parameters.add(CommonParameters.promptInterpolationMethod());
            parameters.add(CommonParameters.denoisingStepList());
            parameters.add(CommonParameters.noiseScale(0.5));
            parameters.add(CommonParameters.noiseController(false));
            parameters.add(CommonParameters.manageCache());
            parameters.add(CommonParameters.resetCache());
            parameters.add(CommonParameters.kvCacheAttentionBias(1));
            parameters.add(CommonParameters.loraScales());
            for (String name : List.of(
                    "vace_context_scale", "vace_ref_images", "first_frame_image", "last_frame_image", "strength")) {
                parameters.add(
                        new ParameterSpec(name, ParameterSpec.Kind.STICKY, JsonNodeFactory.instance.objectNode()));
            }
        }
        ModeDefaults mode = new ModeDefaults(
                512, 512, new ChunkGeometry(9, 12, 9, 12), List.of(), Optional.empty(), Optional.empty());
        return new PipelineSpec(
                "p",
                "P",
                "",
                "1",
                Map.of(InputMode.VIDEO, mode),
                InputMode.VIDEO,
                Set.of(),
                new ParameterSchema(parameters),
                1,
                0,
                0,
                Optional.empty(),
                false,
                16,
                64,
                2048);
    }

    private static Body body(String json) throws Exception {
        ObjectNode body = (ObjectNode) JSON.readTree("{\"prompt\": \"a\"}");
        return new Body(body.setAll((ObjectNode) JSON.readTree(json)));
    }

    private static ParameterSchedule schedule(String json, boolean everything, boolean video) throws Exception {
        return GenerateSchedule.of(body(json), spec(everything), video, CHUNKS, path -> {
            if (path.equals("missing.png")) {
                throw new StoreRefused(StoreRefused.Reason.MISSING, "no");
            }
            return "/assets/" + path;
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}                                                   | base_seed          | 42 . . . .",
                "{`seed`: 7}                                          | base_seed          | 7 . . . .",
                "{`seed`: [1,2]}                                      | base_seed          | 1 2 . . .",
                "{`seed`: [1,2,3,4,5,6,7]}                            | base_seed          | 1 2 3 4 5",
                "{`seed`: 1, `chunk_specs`: [{`chunk`:2,`seed`:9}]}   | base_seed          | 1 . 9 . .",
                "{`noise_scale`: [0.5,0.6,0.6,0.7]}                   | noise_scale        | 0.5 0.6 . 0.7 .",
                "{`noise_scale`: 1}                                   | noise_scale        | 1 . . . .",
                "{`kv_cache_attention_bias`: [0.3,1]}                 | kv_cache_attention_bias | 0.3 1 . . .",
                "{`vace_context_scale`: [0,2]}                        | vace_context_scale | 0 2 . . .",
                "{`manage_cache`: false}                              | manage_cache       | false . . . .",
                "{`noise_controller`: true}                           | noise_controller   | true . . . .",
                "{`prompt_interpolation_method`: `slerp`}             | prompt_interpolation_method | `slerp` . . . .",
                "{`denoising_steps`: [750,250]}                       | denoising_step_list | [750,250] . . . .",
                "{`chunk_specs`: [{`chunk`:1,`denoising_steps`:[500]}]} | denoising_step_list | . [500] . . .",
                "{`cache_reset_chunks`: [1,3,9]}                      | reset_cache        | . true . true .",
                "{`chunk_specs`: [{`chunk`:4,`reset_cache`:true}]}    | reset_cache        | . . . . true",
                "{`first_frames`: [{`chunk`:2,`image`:`x.png`}]}      | first_frame_image  | . . `/assets/x.png` . .",
                "{`last_frames`: [{`chunk`:0,`image`:`x.png`}]}       | last_frame_image   | `/assets/x.png` . . . .",
                "{`vace_ref_images`: [{`images`:[`x.png`]}]}          | vace_ref_images    | [`/assets/x.png`] . . . .",
                "{`chunk_specs`: [{`chunk`:3,`strength`:0.4}]}        | strength           | . . . 0.4 .",
                "{`parameters`: {`strength`:0.4}}                     | strength           | 0.4 . . . .",
                "{`lora_scales`: {`l`:[0.5,1]}}                       | lora_scales        | [{`path`:`l`,`scale`:0.5}]"
                        + " [{`path`:`l`,`scale`:1}] [{`path`:`l`,`scale`:1}] [{`path`:`l`,`scale`:1}] [{`path`:`l`,`scale`:1}]",
                "{`chunk_specs`: [{`chunk`:3,`lora_scales`:{`l`:2}}]} | lora_scales        | [] [] [] [{`path`:`l`,`scale`:2}]"
                        + " [{`path`:`l`,`scale`:2}]",
            })
    void saysEachValueAtItsChunks(String request, String name, String byChunk) throws Exception {
        assertSaid(schedule(request.replace('`', '"'), true, true), name, byChunk.replace('`', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{} | a . . . .",
                "{`chunk_prompts`: [{`chunk`:0,`text`:`b`}]} | b . . . .",
                "{`chunk_prompts`: [{`chunk`:2,`text`:`b`},{`chunk`:2,`text`:`c`},{`chunk`:5,`text`:`d`}]} | a . c . .",
                "{`chunk_prompts`: [{`chunk`:1,`prompts`:[{`text`:`b`,`weight`:2}]}]} | a b . . .",
                "{`chunk_specs`: [{`chunk`:3,`text`:`b`}]} | a . . b .",
                "{`prompt`: [{`text`:`z`,`weight`:1},{`text`:`y`,`weight`:3}]} | z . . . .",
            })
    void promptsAreSparse(String request, String byChunk) throws Exception {
        ParameterSchedule schedule = schedule(request.replace('`', '"'), false, false);
        String[] wanted = byChunk.split(" ");
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            String said = schedule.at(chunk)
                    .value("prompts")
                    .map(prompts -> prompts.path(0).path("text").asText())
                    .orElse(".");
            assertEquals(wanted[chunk], said, "chunk " + chunk);
        }
    }

    @Test
    void aLonePromptHasTheWeightThatClientsSend() throws Exception {
        assertEquals(
                "[{\"weight\":100.0,\"text\":\"a\"}]",
                schedule("{}", false, false)
                        .at(0)
                        .value("prompts")
                        .orElseThrow()
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{`transitions`: [{`chunk`:2,`target_prompts`:[{`text`:`b`}],`num_steps`:3}]}",
                "{`chunk_specs`: [{`chunk`:2,`transition`:{`target_prompts`:[{`text`:`b`}],`num_steps`:3}}]}",
                "{`chunk_specs`: [{`chunk`:2,`transition_target_prompts`:[{`text`:`b`}],`transition_num_steps`:3}]}",
            })
    void transitionsComeInThreeForms(String request) throws Exception {
        assertSaid(
                schedule(request.replace('`', '"'), false, false),
                "transition",
                ". . {\"target_prompts\":[{\"text\":\"b\"}],\"num_steps\":3} . .");
    }

    @Test
    void whatChangesNothingIsIgnoredByAPipelineWithoutIt() throws Exception {
        ParameterSchedule schedule = schedule("""
                {"noise_scale": 0.7, "manage_cache": true, "kv_cache_attention_bias": [1, 1.0], "vace_context_scale": 1,
                 "noise_controller": false, "prompt_interpolation_method": "linear", "vace_use_input_video": true,
                 "lora_scales": {}, "denoising_steps": null, "transitions": [], "unheard_of": {"a": 1}}""", false, true);
        assertEquals(Set.of("base_seed", "prompts"), schedule.at(0).values().keySet());
        assertEquals(1, schedule.length());
    }

    @Test
    void whatIsAboutTheInputVideoIsIgnoredWithoutOne() throws Exception {
        assertSaid(schedule("{\"noise_scale\": [0.1, 0.2]}", true, false), "noise_scale", ". . . . .");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{`noise_scale`: 0.5}",
                "{`manage_cache`: false}",
                "{`denoising_steps`: [1000]}",
                "{`lora_scales`: {`l`: 1}}",
                "{`vace_context_scale`: [1, 0.5]}",
                "{`first_frames`: [{`chunk`: 0, `image`: `x.png`}]}",
                "{`cache_reset_chunks`: [1]}",
                "{`parameters`: {`strength`: 1}}",
                "{`chunk_specs`: [{`chunk`: 0, `strength`: 1}]}",
            })
    void refusesWhatThePipelineDoesNotHave(String request) {
        assertThrows(Refused.class, () -> schedule(request.replace('`', '"'), false, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{`seed`: []}",
                "{`seed`: [1, null]}",
                "{`noise_scale`: 1.01}",
                "{`noise_scale`: [0.1, -0.1]}",
                "{`kv_cache_attention_bias`: 0}",
                "{`vace_context_scale`: 2.5}",
                "{`lora_scales`: []}",
                "{`lora_scales`: {`l`: 11}}",
                "{`lora_scales`: {`l`: []}}",
                "{`chunk_specs`: [{`chunk`: 0, `lora_scales`: 5}]}",
                "{`prompt`: 7}",
                "{`prompt`: []}",
                "{`chunk_prompts`: 7}",
                "{`chunk_prompts`: [{`chunk`: 0}]}",
                "{`chunk_prompts`: [{`chunk`: 0.5, `text`: `a`}]}",
                "{`transitions`: [{`chunk`: 0}]}",
                "{`cache_reset_chunks`: [-1]}",
                "{`cache_reset_chunks`: [`1`]}",
                "{`first_frames`: [{`chunk`: 0, `image`: `missing.png`}]}",
                "{`first_frames`: [{`image`: `x.png`}]}",
                "{`vace_ref_images`: [{`images`: `x.png`}]}",
                "{`chunk_specs`: [{`text`: `a`}]}",
                "{`chunk_specs`: [{`chunk`: 0, `vace_masks`: {}}]}",
            })
    void refusesWhatMakesNoSense(String request) {
        assertThrows(Refused.class, () -> schedule(request.replace('`', '"'), true, true));
    }

    @Test
    void mutatedRequestsAreReadOrRefused() throws Exception {
        List<byte[]> sample = List.of("""
                {"prompt": "a", "seed": [1, 2], "noise_scale": 0.5, "lora_scales": {"l": [1, 2]}, "manage_cache": true,
                 "chunk_prompts": [{"chunk": 1, "text": "b"}], "cache_reset_chunks": [1], "parameters": {"strength": 1},
                 "transitions": [{"chunk": 2, "target_prompts": ["b"], "num_steps": 3}],
                 "first_frames": [{"chunk": 0, "image": "x.png"}], "vace_ref_images": [{"images": ["x.png"]}],
                 "chunk_specs": [{"chunk": 3, "lora_scales": {"l": 1}, "transition": {"num_steps": 1}}]}""".getBytes(StandardCharsets.UTF_8));
        int read = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] mutated = new Mutations(seed).damaged(sample);
            try {
                JsonNode json = JSON.readTree(mutated);
                if (json instanceof ObjectNode object && object.hasNonNull("prompt")) {
                    GenerateSchedule.of(new Body(object), spec(seed % 2 == 0), true, CHUNKS, path -> path);
                    read++;
                }
            } catch (JsonProcessingException | Refused expected) {
                // Most are no JSON any more.
            } catch (RuntimeException escaped) {
                throw new AssertionError("seed " + seed + ": " + new String(mutated, StandardCharsets.UTF_8), escaped);
            }
        }
        assertTrue(read > 100, read + " were read");
    }

    @Test
    void manyPromptsAreReadInNoTime() throws Exception {
        ObjectNode request = (ObjectNode) JSON.readTree("{\"prompt\": \"a\"}");
        for (int i = 0; i < 10_000; i++) {
            request.withArray("chunk_prompts").addObject().put("chunk", i).put("text", "p" + i);
        }
        ParameterSchedule schedule = GenerateSchedule.of(new Body(request), spec(false), false, 10_000, path -> path);
        assertEquals(10_000, schedule.length());
        assertEquals(schedule, ParameterSchedule.fromJson(schedule.toJson()));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, -",
                "512, 512, -",
                "320, 576, 320x576",
                "100, 70, 96x64",
                "-, 256, 512x256",
                "256, -, 256x512",
            })
    void sidesAreRoundedDownAndTheOthersStay(Integer width, Integer height, String size) throws Exception {
        ObjectNode json = (ObjectNode) JSON.readTree("{\"prompt\": \"a\", \"pipeline_id\": \"p\"}");
        json.put("width", width).put("height", height);
        GenerateRequest request = GenerateRequest.read(new Body(json), Optional.empty());
        assertEquals(
                Optional.ofNullable(size),
                request.size(spec(true), new PictureSize(512, 512)).map(PictureSize::toString));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            quoteCharacter = '~',
            value = {
                "{}                            | -                 | BASE64",
                "{}                            | text/event-stream | BASE64",
                "{}                            | video/mp4         | MP4",
                "{`output_format`:`base64`}    | video/mp4         | BASE64",
                "{`output_format`:`path`}      | -                 | PATH",
                "{`output_format`:`mp4`}       | -                 | MP4",
                "{`input_path`:`uploads/x`}    | -                 | PATH",
                "{`chunk_specs`:[]}            | -                 | PATH",
            })
    void theFormOfTheAnswerFollowsTheRequest(String more, String accept, GenerateRequest.Answer answer)
            throws Exception {
        Body body = body(more.replace('`', '"'));
        body.json().put("pipeline_id", "p");
        assertEquals(
                answer, GenerateRequest.read(body, Optional.ofNullable(accept)).answer());
    }

    private static void assertSaid(ParameterSchedule schedule, String name, String byChunk) {
        String[] wanted = byChunk.split(" ");
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            String said = schedule.at(chunk).value(name).map(Object::toString).orElse(".");
            String plain = said.endsWith(".0") ? said.substring(0, said.length() - 2) : said;
            assertEquals(wanted[chunk], plain, name + " at chunk " + chunk);
        }
    }
}
