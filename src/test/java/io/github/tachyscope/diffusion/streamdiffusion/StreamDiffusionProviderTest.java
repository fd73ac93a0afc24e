package io.github.tachyscope.diffusion.streamdiffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline as the server finds and loads it. */
class StreamDiffusionProviderTest {
    @TempDir
    static Path folder;

    private static PipelineProvider provider;

    @BeforeAll
    static void find() {
        Torch.useThreads(1);
        SmallModels.in(folder);
        PipelineSettings settings = new PipelineSettings(
                List.of(),
                Map.of(),
                Duration.ofMinutes(1),
                new PipelineSettings.Synthetic(1, Duration.ZERO),
                Optional.empty(),
                Optional.empty(),
                folder,
                List.of(folder.resolve("lora")));
        provider = PipelineCatalog.discover(settings)
                .provider(StreamDiffusionProvider.ID)
                .orElseThrow();
    }

    private static Pipeline load(String parameters) {
        return provider.load(Rig.json(parameters), Placement.CPU, stage -> {});
    }

    /** The pictures of one chunk. */
    private static List<VideoFrame> chunk(Pipeline pipeline, Generation one, int frames) {
        for (int i = 0; i < frames; i++) {
            one.feed(List.of(Rig.picture(i)));
        }
        one.demand();
        while (true) {
            for (Lane lane : Lane.values()) {
                if (one.next(lane) instanceof NextStep.StepPlan) {
                    one.begin(lane);
                    StepResult result = pipeline.run(lane, List.of(one)).get(0);
                    List<VideoFrame> shown = result.frames();
                    one.commit(result);
                    if (!shown.isEmpty()) {
                        return shown;
                    }
                }
            }
        }
    }

    @Test
    void aModelIsLoadedInTheSizeAskedForAndTellsItsStages() {
        List<String> stages = new ArrayList<>();
        Parameters wish = Rig.json("{'model_id_or_path':'small/sd15','use_lcm_lora':false,'use_taesd':false,"
                + "'width':203,'height':128,'prompts':['a cat'],'strength':0.4}");
        long before = Pointer.totalCount();
        try (Pipeline pipeline = provider.load(wish, Placement.CPU, stages::add);
                Generation one = pipeline.open(new GenerationRequest(InputMode.VIDEO, Parameters.none()))) {
            VideoFrame frame = chunk(pipeline, one, 1).get(0);
            assertEquals(200, frame.width(), "a multiple of 8");
            assertEquals(128, frame.height());
        }
        assertEquals(
                List.of(
                        "Initialising pipeline...",
                        "Loading diffusion model...",
                        "Loading text encoder...",
                        "Loading VAE..."),
                stages);
        NativeObjects.assertNoMoreThan(before + 4, "constants of classes that were used for the first time");
    }

    @Test
    void framesSideBySideAreToldInTheLoadedPipelinesSpec() {
        try (Pipeline pipeline = load("{'model_id_or_path':'small/sd15','use_lcm_lora':false,'use_taesd':false,"
                + "'width':128,'height':128,'frame_buffer_size':2}")) {
            PipelineSpec spec = pipeline.spec();
            assertTrue(spec.weightsBytes() > 2 << 20 && spec.weightsBytes() < 8 << 20, "" + spec.weightsBytes());
            assertEquals(2, spec.modes().get(InputMode.VIDEO).geometry().framesIn(0));
            assertEquals(2, spec.modes().get(InputMode.TEXT).geometry().framesOut(0));
            try (Generation one = pipeline.open(new GenerationRequest(InputMode.VIDEO, Parameters.none()))) {
                assertEquals(2, chunk(pipeline, one, 2).size());
            }
            try (Generation one = pipeline.open(new GenerationRequest(InputMode.TEXT, Parameters.none()))) {
                assertEquals(2, chunk(pipeline, one, 0).size());
            }
        }
    }

    @Test
    void lorasComeWithTheirScalesAndMode() {
        try (Pipeline pipeline = load("{'model_id_or_path':'small/sd15','use_lcm_lora':false,'width':128,'height':128,"
                + "'loras':[{'path':'kohya_lcm_style.safetensors','scale':0.5},"
                + "{'path':'peft_style','merge_mode':'runtime_peft'}]}")) {
            try (Generation one = pipeline.open(new GenerationRequest(InputMode.VIDEO, Parameters.none()))) {
                assertFalse(chunk(pipeline, one, 1).isEmpty());
            }
        }
        Map<String, String> wrong = Map.of(
                "[{'path':'peft_style','scale':11}]", "scale must be between -10 and 10",
                "[{'scale':1}]", "each needs a path",
                "[{'path':'peft_style','merge_mode':'sometimes'}]",
                        "merge_mode must be one of permanent_merge, runtime_peft",
                "[{'path':'kohya_sgm_names'}]", "another base model",
                "[{'path':'peft_style','merge_mode':'runtime_peft'},{'path':'peft_style','merge_mode':'runtime_peft'}]",
                        "listed twice");
        wrong.forEach((loras, message) -> {
            String said = assertThrows(
                            PipelineLoadFailed.class,
                            () -> load("{'model_id_or_path':'small/sd15','use_lcm_lora':false,'loras':" + loras + "}"))
                    .getMessage();
            assertTrue(said.contains(message), said);
        });
    }

    @Test
    void loadValuesOutsideTheirRangeAreRefusedByNameAndRange() {
        Map<String, String> wrong = Map.of(
                "'acceleration':'tensorrt'", "acceleration must be one of none, channels_last, bf16, not \"tensorrt\"",
                "'width':64", "width must be between 128 and 2048",
                "'height':4096", "height must be between 128 and 2048",
                "'frame_buffer_size':5", "frame_buffer_size must be between 1 and 4",
                "'use_taesd':'no'", "use_taesd must be true or false",
                "'use_lcm_lora':1", "use_lcm_lora must be true or false",
                "'lora_merge_mode':'x'", "lora_merge_mode must be one of permanent_merge, runtime_peft",
                "'model_id_or_path':3", "model_id_or_path must be text",
                "'guidance_scale':99", "guidance_scale must be between 0 and 8");
        wrong.forEach((value, message) -> {
            String said = assertThrows(PipelineLoadFailed.class, () -> load("{" + value + "}"))
                    .getMessage();
            assertTrue(said.startsWith(message), said);
        });
    }

    @Test
    void valuesThatNoSessionCanStartWithAreRefusedAndNothingStaysLoaded() {
        String model = "'model_id_or_path':'small/sd15','use_lcm_lora':false,'use_taesd':false,";
        load("{" + model + "'width':128,'height':128}").close();
        for (String value : List.of("'t_index_list':[20,5]", "'prompts':['cat.swap(dog)']", "'seed_list':[{}]")) {
            long before = Pointer.totalCount();
            String said = assertThrows(PipelineLoadFailed.class, () -> load("{" + model + value + "}"))
                    .getMessage();
            assertTrue(said.startsWith(value.substring(1, value.indexOf("':"))), said);
            NativeObjects.assertNoMoreThan(before, value);
        }
    }

    @Test
    void aModelThatIsNotThereIsNamedWithItsPlace() {
        String said = assertThrows(PipelineLoadFailed.class, () -> load("{}")).getMessage();
        assertTrue(
                said.contains("stabilityai/sd-turbo")
                        && said.contains(folder.resolve("stabilityai/sd-turbo").toString()),
                said);
    }
}
