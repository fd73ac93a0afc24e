package io.github.tachyscope.diffusion.streamdiffusion;

import static io.github.tachyscope.diffusion.streamdiffusion.Rig.distance;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every run-time parameter does what its name says, and no value outside its range is taken. */
class ParametersTest {
    /** For each parameter two values that must show different pictures, with what they need to be seen. */
    private static final Map<String, List<String>> EFFECTS = effects();

    @TempDir
    static Path folder;

    private static Rig rig;

    @BeforeAll
    static void load() {
        Torch.useThreads(1);
        rig = Rig.of(
                SmallModels.in(folder),
                Rig.light(SmallModels.SD15, new ModelRequest.Lora("peft_style.safetensors", 0, true)));
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    private static Map<String, List<String>> effects() {
        Map<String, List<String>> effects = new TreeMap<>();
        String strong = "'t_index_list':[5,20],";
        String guided = strong + "'guidance_scale':1.8,";
        effects.put("prompts", List.of(strong + "'prompts':['a cat']", strong + "'prompts':['a dog']"));
        effects.put(
                "prompt_interpolation_method",
                List.of(
                        strong + "'prompts':['a cat','dog hair'],'prompt_interpolation_method':'linear'",
                        strong + "'prompts':['a cat','dog hair'],'prompt_interpolation_method':'slerp'"));
        effects.put(
                "negative_prompt",
                List.of(
                        guided + "'cfg_type':'full','negative_prompt':'fog'",
                        guided + "'cfg_type':'full','negative_prompt':'rain'"));
        effects.put(
                "prompt_weighting",
                List.of(
                        strong + "'prompts':['a (cat)2.5'],'prompt_weighting':true",
                        strong + "'prompts':['a (cat)2.5'],'prompt_weighting':false"));
        effects.put(
                "num_inference_steps",
                List.of(
                        "'t_index_list':[5,9],'num_inference_steps':50",
                        "'t_index_list':[5,9],'num_inference_steps':10"));
        effects.put("t_index_list", List.of("'t_index_list':[5,20]", "'t_index_list':[6,20]"));
        effects.put("strength", List.of("'strength':0.3", "'strength':0.9"));
        effects.put("do_add_noise", List.of(strong + "'do_add_noise':true", strong + "'do_add_noise':false"));
        effects.put(
                "use_denoising_batch",
                List.of(strong + "'use_denoising_batch':true", strong + "'use_denoising_batch':false"));
        effects.put("sampler", List.of(strong + "'sampler':'euler'", strong + "'sampler':'euler_ancestral'"));
        effects.put("image_loopback", List.of(strong + "'image_loopback':false", strong + "'image_loopback':true"));
        effects.put("guidance_scale", List.of(strong + "'guidance_scale':1.0", strong + "'guidance_scale':1.5"));
        effects.put("cfg_type", List.of(guided + "'cfg_type':'self'", guided + "'cfg_type':'initialize'"));
        effects.put("delta", List.of(guided + "'delta':1.0", guided + "'delta':0.5"));
        effects.put("base_seed", List.of("'base_seed':1", "'base_seed':2"));
        effects.put(
                "seed_list",
                List.of(
                        "'seed_list':[{'seed':1,'weight':1},{'seed':2,'weight':1}]",
                        "'seed_list':[{'seed':1,'weight':1},{'seed':2,'weight':3}]"));
        effects.put(
                "seed_interpolation_method",
                List.of(
                        "'seed_list':[{'seed':1},{'seed':2}],'seed_interpolation_method':'slerp'",
                        "'seed_list':[{'seed':1},{'seed':2}],'seed_interpolation_method':'linear'"));
        effects.put(
                "lora_scales",
                List.of(
                        strong + "'lora_scales':[{'path':'peft_style.safetensors','scale':0.5}]",
                        strong + "'lora_scales':[{'path':'peft_style.safetensors','scale':2}]"));
        String filter = "'t_index_list':[20],'similar_image_filter_enabled':true,";
        effects.put(
                "similar_image_filter_enabled",
                List.of(
                        "'t_index_list':[20],'similar_image_filter_threshold':-0",
                        filter + "'similar_image_filter_threshold':0"));
        effects.put(
                "similar_image_filter_threshold",
                List.of(filter + "'similar_image_filter_threshold':0", filter + "'similar_image_filter_threshold':1"));
        effects.put(
                "similar_image_filter_max_skip_frame",
                List.of(
                        filter + "'similar_image_filter_threshold':0,'similar_image_filter_max_skip_frame':0",
                        filter + "'similar_image_filter_threshold':0,'similar_image_filter_max_skip_frame':10"));
        return effects;
    }

    @Test
    void everyParameterHasAnEffectAtTheStart() {
        EFFECTS.forEach((name, values) -> {
            float[] one = shown(values.get(0));
            float[] other = shown(values.get(1));
            assertTrue(distance(one, other) > 1e-4, name + ": " + values + " show the same");
        });
    }

    /** Latents of the pictures made from a scene that changes a little and then much. */
    private static float[] shown(String parameters) {
        int before = rig.latents.size();
        try (StreamGeneration one = rig.open(InputMode.VIDEO, "{" + parameters + "}")) {
            for (int scene : List.of(1, 1, 2)) {
                rig.film(one, picture(scene));
            }
        }
        int made = rig.latents.size() - before;
        float[] last = rig.last().clone();
        // A skipped frame made no picture.
        last[0] += made;
        return last;
    }

    @Test
    void everyParameterChangesWhileAStreamRuns() {
        EFFECTS.forEach((name, values) -> {
            try (StreamGeneration one = rig.open(InputMode.VIDEO, "{" + values.get(0) + "}")) {
                rig.film(one, picture(1));
                int made = rig.latents.size();
                rig.patch(one, "{" + values.get(1) + "}");
                for (int scene : List.of(1, 1, 2, 2)) {
                    rig.film(one, picture(scene));
                }
                float[] changed = rig.last();
                made = rig.latents.size() - made;
                try (StreamGeneration fresh = rig.open(InputMode.VIDEO, "{" + values.get(1) + "}")) {
                    int before = rig.latents.size();
                    for (int scene : List.of(1, 1, 2, 2)) {
                        rig.film(fresh, picture(scene));
                    }
                    int madeFresh = rig.latents.size() - before;
                    if (name.startsWith("similar")) {
                        assertTrue(Math.abs(made - madeFresh) <= 1, name + ": " + made + " instead of " + madeFresh);
                    } else {
                        double distance = distance(changed, rig.last());
                        assertTrue(distance < 1e-4, name + " is not yet in effect: " + distance);
                    }
                }
            }
        });
    }

    @Test
    void everyRuntimeParameterOfTheSchemaIsAmongThese() {
        Set<String> declared = rig.spec.parameters().parameters().stream()
                .filter(parameter -> parameter.kind() != ParameterSpec.Kind.LOAD)
                .map(ParameterSpec::name)
                .collect(Collectors.toCollection(TreeSet::new));
        // Has a test of its own.
        declared.remove("transition");
        assertEquals(declared, EFFECTS.keySet());
    }

    @Test
    void valuesOutsideTheirRangeAreRefusedByNameAndRange() {
        Map<String, String> wrong = new TreeMap<>(Map.ofEntries(
                Map.entry("'guidance_scale':9", "guidance_scale must be between 0 and 8"),
                Map.entry("'delta':-1", "delta must be between 0 and 2"),
                Map.entry("'strength':1.5", "strength must be between 0 and 1"),
                Map.entry("'num_inference_steps':51", "num_inference_steps must be between 1 and 50"),
                Map.entry("'t_index_list':[]", "t_index_list must be a list of 1 to 8 items"),
                Map.entry("'t_index_list':[50]", "t_index_list each item must be between 0 and 49"),
                Map.entry("'cfg_type':'half'", "cfg_type must be one of none, self, initialize, full"),
                Map.entry("'sampler':'dpm'", "sampler must be one of lcm, euler, euler_ancestral"),
                Map.entry("'seed':-1", "base_seed must be of at least 0"),
                Map.entry("'do_add_noise':3", "do_add_noise must be true or false"),
                Map.entry("'use_denoising_batch':'yes'", "use_denoising_batch must be true or false"),
                Map.entry("'prompt_weighting':1", "prompt_weighting must be true or false"),
                Map.entry("'negative_prompt':7", "negative_prompt must be text of at most 5000 characters"),
                Map.entry("'similar_image_filter_enabled':0", "similar_image_filter_enabled must be true or false"),
                Map.entry(
                        "'similar_image_filter_threshold':2", "similar_image_filter_threshold must be between 0 and 1"),
                Map.entry(
                        "'similar_image_filter_max_skip_frame':-1",
                        "similar_image_filter_max_skip_frame must be between 0 and 1000"),
                Map.entry("'seed_list':3", "seed_list must be a list of 0 to 16 items"),
                Map.entry(
                        "'seed_interpolation_method':'cubic'",
                        "seed_interpolation_method must be one of slerp, linear"),
                Map.entry(
                        "'prompt_interpolation_method':'cubic'",
                        "prompt_interpolation_method must be one of linear, slerp"),
                Map.entry("'width':256", "width is fixed when the pipeline is loaded"),
                Map.entry("'acceleration':'bf16'", "acceleration is fixed when the pipeline is loaded")));
        wrong.forEach((value, message) -> {
            ParameterSchema.Checked checked = rig.spec.parameters().checkRuntime(Rig.json("{" + value + "}"));
            assertTrue(checked.accepted().isEmpty(), value);
            assertTrue(checked.refused().get(0).message().startsWith(message), checked.refused()::toString);
        });
    }

    @Test
    void whatTheSchemaCannotSayIsRefusedByNameAndTheOldValueStays() {
        Map<String, String> wrong = Map.of(
                "'t_index_list':[20,5]", "t_index_list",
                "'t_index_list':[20,20]", "t_index_list",
                "'t_index_list':[20,45],'num_inference_steps':30", "t_index_list",
                "'num_inference_steps':10", "num_inference_steps",
                "'seed_list':[{'weight':1}]", "seed_list",
                "'seed_list':[{'seed':1,'weight':-1}]", "seed_list",
                "'lora_scales':[{'path':'peft_style.safetensors','scale':11}]", "lora_scales",
                "'prompts':['cat.swap(dog)']", "prompts",
                "'transition':{'target_prompts':['cat.swap(dog)']}", "transition",
                "'negative_prompt':'cat.swap(dog)'", "negative_prompt");
        String wish = "{'t_index_list':[5,20],'prompts':['a cat'],'guidance_scale':1.5}";
        float[] undisturbed;
        try (StreamGeneration one = rig.open(InputMode.VIDEO, wish)) {
            rig.film(one, picture(1));
            undisturbed = rig.filmed(one, picture(2));
        }
        wrong.forEach((value, name) -> {
            try (StreamGeneration one = rig.open(InputMode.VIDEO, wish)) {
                rig.film(one, picture(1));
                ParameterRejected rejected = assertThrows(
                        ParameterRejected.class, () -> one.patch(rig.checked("{'delta':0.1," + value + "}")), value);
                assertEquals(name, rejected.parameter());
                assertTrue(rejected.getMessage().contains(name), rejected.getMessage());
                assertArrayEquals(undisturbed, rig.filmed(one, picture(2)), value);
            }
        });
    }

    @Test
    void aLoraScaleChangedAndChangedBackIsTheSameBitForBitAndNobodyElseNotices() {
        // More than one step: with one, self guidance carries its noise from frame to frame.
        String wish = "{'t_index_list':[10,20],'prompts':['a cat'],'cfg_type':'none','use_denoising_batch':false}";
        try (StreamGeneration one = rig.open(InputMode.VIDEO, wish);
                StreamGeneration other = rig.open(InputMode.VIDEO, wish)) {
            float[] plain = rig.filmed(one, picture(1));
            rig.patch(one, "{'lora_scales':[{'path':'peft_style.safetensors','scale':1.5}]}");
            float[] changed = rig.filmed(one, picture(1));
            assertTrue(distance(changed, plain) > 1e-3);
            assertArrayEquals(plain, rig.filmed(other, picture(1)), "the other session");
            assertArrayEquals(changed, rig.filmed(one, picture(1)), "this one again");
            rig.patch(
                    one, "{'lora_scales':[{'path':'peft_style.safetensors','scale':0},{'path':'unknown','scale':1}]}");
            assertArrayEquals(plain, rig.filmed(one, picture(1)), "back");
        }
    }
}
