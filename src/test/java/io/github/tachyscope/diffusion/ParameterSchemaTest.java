package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ParameterSpec.Kind;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final ParameterSchema schema = new SyntheticProvider().spec().parameters();

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (Exception wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private ParameterSchema.Checked runtime(String text) {
        return schema.checkRuntime(Parameters.of(json(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'prompts':'a'}", "{'prompts':['a']}", "{'prompts':[{'text':'a'}]}", "{'prompt':'a'}"})
    void bringsPromptsOfAnyShapeIntoOne(String sent) {
        assertEquals(
                json("{'prompts':[{'text':'a','weight':1.0}]}"),
                runtime(sent).accepted().toJson());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'prompts':5}",
                "{'prompts':[]}",
                "{'prompts':[{'weight':1}]}",
                "{'prompts':[{'text':'a','weight':-1}]}",
                "{'noise_scale':1.5}",
                "{'noise_scale':'much'}",
                "{'manage_cache':1}",
                "{'denoising_step_list':[]}",
                "{'denoising_step_list':[500,500]}",
                "{'denoising_step_list':[500,700]}",
                "{'denoising_step_list':[1001]}",
                "{'denoising_step_list':[0]}",
                "{'denoising_step_list':[700.5]}",
                "{'transition':{}}",
                "{'transition':{'target_prompts':['a'],'num_steps':-1}}",
                "{'prompt_interpolation_method':'cubic'}",
                "{'base_seed':-1}",
                "{'width':64}"
            })
    void leavesWrongValuesOutAndNamesThem(String sent) {
        ParameterSchema.Checked checked = runtime(sent);
        assertTrue(checked.accepted().isEmpty(), checked.toString());
        String name = json(sent).fieldNames().next();
        assertEquals(name, checked.refused().get(0).name());
        assertTrue(checked.refused().get(0).message().startsWith(name + " "));
    }

    @Test
    void aWrongValueDoesNotTakeARightOneWithIt() {
        ParameterSchema.Checked checked = runtime("{'noise_scale':9,'base_seed':3.0,'my_own':{'x':1},'nothing':null}");
        assertEquals(
                json("{'base_seed':3,'my_own':{'x':1}}"), checked.accepted().toJson());
        assertEquals(
                "noise_scale must be between 0 and 1, not 9",
                checked.refused().get(0).message());
    }

    @Test
    void namesOfAClientsInventionAreBounded() {
        Parameters all = Parameters.of(json("{'noise_scale':0.5}"));
        for (int i = 0; i < 1000; i++) {
            all = all.merge(Parameters.of(json("{'unknown_" + i + "':1,'noise_scale':0.25}")));
        }
        assertEquals(256, all.values().size());
        assertEquals(json("0.25"), all.values().get("noise_scale"));
        assertTrue(runtime("{'unknown':'short'}").refused().isEmpty());
        assertEquals(
                1, runtime("{'unknown':'" + "x".repeat(20_000) + "'}").refused().size());
    }

    @Test
    void integralFloatsBecomeIntegers() {
        assertEquals(
                json("{'denoising_step_list':[1000,250]}"),
                runtime("{'denoising_step_list':[1000.0,250.0]}").accepted().toJson());
    }

    @Test
    void completesTransitions() {
        assertEquals(
                json("{'transition':{'target_prompts':[{'text':'a','weight':1.0}],'num_steps':4,"
                        + "'temporal_interpolation_method':'linear'}}"),
                runtime("{'transition':{'target_prompts':'a'}}").accepted().toJson());
        JsonNode flat = runtime("{'prompt':'a','transition_steps':8,'interpolation_method':'slerp'}")
                .accepted()
                .toJson();
        assertEquals(8, flat.at("/transition/num_steps").asInt());
        assertEquals(
                "slerp", flat.at("/transition/temporal_interpolation_method").asText());
        assertEquals("a", flat.at("/transition/target_prompts/0/text").asText());
        assertFalse(flat.has("transition_steps"));
    }

    @ParameterizedTest
    @CsvSource({"70,64", "512,512", "527,512", "2048,2048"})
    void roundsSizesDownToTheMultiple(int sent, int used) {
        Parameters loaded =
                schema.checkLoad(Parameters.of(json("{'width':" + sent + "}"))).accepted();
        assertEquals(used, loaded.value("width").orElseThrow().asInt());
        assertEquals(512, loaded.value("height").orElseThrow().asInt());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, 2049, -512})
    void refusesSizesOutOfRange(int sent) {
        assertEquals(
                "width",
                schema.checkLoad(Parameters.of(json("{'width':" + sent + "}")))
                        .refused()
                        .get(0)
                        .name());
    }

    @Test
    void baseSeedBeatsItsAlias() {
        assertEquals(
                json("{'base_seed':2}"),
                runtime("{'seed':1,'base_seed':2}").accepted().toJson());
        assertEquals(json("{'base_seed':1}"), runtime("{'seed':1}").accepted().toJson());
        Parameters defaults = schema.checkLoad(Parameters.none()).accepted();
        assertEquals(42, defaults.value("base_seed").orElseThrow().asInt());
    }

    @Test
    void aSeedMayHaveAllOfItsBitsWhereTheSchemaSaysSo() {
        ObjectNode wide = JsonNodeFactory.instance
                .objectNode()
                .put("type", "integer")
                .put("minimum", 0)
                .put("maximum", new BigInteger("18446744073709551615"));
        ParameterSchema own = new ParameterSchema(List.of(new ParameterSpec("base_seed", Kind.STICKY, wide)));
        for (String fits : List.of("0", "42", "9007199254740993", "9223372036854775808", "18446744073709551615")) {
            Parameters accepted = own.checkRuntime(Parameters.of(json("{'base_seed':" + fits + "}")))
                    .accepted();
            assertEquals(fits, accepted.value("base_seed").orElseThrow().asText());
        }
        for (String misfit : List.of("-1", "18446744073709551616", "1e30", "0.5")) {
            String said = own.checkRuntime(Parameters.of(json("{'base_seed':" + misfit + "}")))
                    .refused()
                    .get(0)
                    .message();
            assertTrue(said.contains("between 0 and 18446744073709551615"), said);
        }
    }

    @Test
    void theJsonSchemaSaysWhatIsFixedAtLoad() {
        JsonNode properties = schema.toJsonSchema().get("properties");
        assertTrue(properties.at("/width/ui/is_load_param").asBoolean(false));
        assertFalse(properties.at("/noise_scale/ui/is_load_param").asBoolean(true));
        assertEquals("noise", properties.at("/noise_scale/ui/component").asText());
        assertEquals("Noise Scale", properties.at("/noise_scale/title").asText());
        assertEquals(schema.parameters().size(), properties.size());
    }
}
