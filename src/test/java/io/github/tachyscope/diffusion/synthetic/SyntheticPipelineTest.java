package io.github.tachyscope.diffusion.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticPipelineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Pipeline pipeline = new SyntheticProvider()
            .load(parameters("{'width':128,'height':70,'step_cost_ms':0}"), Placement.CPU, stage -> {});

    private static Parameters parameters(String json) {
        try {
            return Parameters.of(JSON.readTree(json.replace('\'', '"')));
        } catch (Exception wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private Generation open(InputMode mode, String json) {
        Parameters checked =
                pipeline.spec().parameters().checkRuntime(parameters(json)).accepted();
        return pipeline.open(new GenerationRequest(mode, checked));
    }

    /** Runs one step of each on the first lane where all can; frames of those that finished a chunk. */
    private Map<Generation, byte[]> step(List<Generation> batch) {
        for (Lane lane : Lane.values()) {
            if (batch.stream().allMatch(each -> each.next(lane) instanceof NextStep.StepPlan)) {
                Map<Generation, byte[]> done = new HashMap<>();
                List<StepResult> results = pipeline.run(lane, batch);
                for (int i = 0; i < batch.size(); i++) {
                    byte[] bytes = bytes(results.get(i).frames());
                    batch.get(i).commit(results.get(i));
                    if (bytes.length > 0) {
                        done.put(batch.get(i), bytes);
                    }
                }
                return done;
            }
        }
        throw new AssertionError("no common lane");
    }

    private byte[] chunk(Generation generation) {
        generation.demand();
        while (true) {
            byte[] bytes = step(List.of(generation)).get(generation);
            if (bytes != null) {
                return bytes;
            }
        }
    }

    private static byte[] bytes(List<VideoFrame> frames) {
        byte[] all = new byte[frames.stream().mapToInt(VideoFrame::bytes).sum()];
        int at = 0;
        for (VideoFrame frame : frames) {
            System.arraycopy(frame.data(), 0, all, at, frame.bytes());
            at += frame.bytes();
        }
        return all;
    }

    private static List<VideoFrame> camera(int count, long seed, PixelFormat format) {
        List<VideoFrame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] data = new byte[format.bytes(200, 100)];
            new Random(seed + i).nextBytes(data);
            frames.add(VideoFrame.of(format, 200, 100, data, 1000L * i));
        }
        return frames;
    }

    @Test
    void makesNineThenTwelveFramesOfTheRoundedSize() {
        Generation one = open(InputMode.TEXT, "{'prompts':['a sea']}");
        int frame = PixelFormat.I420.bytes(128, 64);
        assertEquals(9 * frame, chunk(one).length);
        assertEquals(12 * frame, chunk(one).length);
    }

    @Test
    void isTheSameAloneInterleavedAndBatched() {
        String[] wishes = {
            "{'prompts':['a sea'],'base_seed':1}",
            "{'prompts':['a fire'],'base_seed':2}",
            "{'prompts':['a wood'],'base_seed':3}",
            "{'prompts':['a town'],'base_seed':1}"
        };
        List<List<byte[]>> alone = new ArrayList<>();
        for (String wish : wishes) {
            Generation generation = open(InputMode.TEXT, wish);
            alone.add(List.of(chunk(generation), chunk(generation), chunk(generation)));
        }
        List<Generation> batch = new ArrayList<>();
        for (String wish : wishes) {
            batch.add(open(InputMode.TEXT, wish));
        }
        List<Generation> mixed = new ArrayList<>();
        for (String wish : wishes) {
            mixed.add(open(InputMode.TEXT, wish));
        }
        for (int round = 0; round < 3; round++) {
            batch.forEach(Generation::demand);
            mixed.forEach(Generation::demand);
            Map<Generation, byte[]> batched = Map.of();
            while (batched.isEmpty()) {
                batched = step(batch);
            }
            Map<Generation, byte[]> interleaved = new HashMap<>();
            while (interleaved.size() < mixed.size()) {
                for (Generation each : mixed) {
                    if (!interleaved.containsKey(each)) {
                        interleaved.putAll(step(List.of(each)));
                    }
                }
            }
            for (int i = 0; i < wishes.length; i++) {
                assertArrayEquals(alone.get(i).get(round), batched.get(batch.get(i)), "batched " + i);
                assertArrayEquals(alone.get(i).get(round), interleaved.get(mixed.get(i)), "interleaved " + i);
            }
        }
    }

    @Test
    void everyParameterChangesThePicture() {
        String base = "{'prompts':[{'text':'a','weight':1},{'text':'b','weight':1}],'base_seed':1}";
        byte[] reference = chunk(open(InputMode.TEXT, base));
        for (String other : List.of(
                "{'prompts':['a'],'base_seed':1}",
                "{'prompts':[{'text':'a','weight':1},{'text':'b','weight':2}],'base_seed':1}",
                "{'prompts':['a','b'],'base_seed':2}",
                "{'prompts':['a','b'],'base_seed':1,'denoising_step_list':[900,300]}",
                "{'prompts':['a','b'],'base_seed':1,'prompt_interpolation_method':'slerp'}")) {
            assertFalse(Arrays.equals(reference, chunk(open(InputMode.TEXT, other))), other);
        }
        assertArrayEquals(reference, chunk(open(InputMode.TEXT, base)));
    }

    @Test
    void aPatchActsOnTheNextChunkAndAResetForgetsThePast() {
        Generation patched = open(InputMode.TEXT, "{'prompts':['a']}");
        Generation plain = open(InputMode.TEXT, "{'prompts':['a']}");
        Generation reset = open(InputMode.TEXT, "{'prompts':['a']}");
        assertArrayEquals(chunk(plain), chunk(patched));
        chunk(reset);
        patched.patch(parameters("{'prompts':[{'text':'b','weight':1}]}"));
        reset.patch(parameters("{'reset_cache':true}"));
        byte[] second = chunk(plain);
        assertFalse(Arrays.equals(second, chunk(patched)));
        byte[] afterReset = chunk(reset);
        assertFalse(Arrays.equals(second, afterReset));
    }

    @Test
    void aTransitionStartsAtItsSourceAndEndsAtItsTarget() {
        SyntheticGeneration moving = (SyntheticGeneration) open(InputMode.TEXT, "{'prompts':['a']}");
        chunk(moving);
        moving.patch(pipeline.spec()
                .parameters()
                .checkRuntime(parameters("{'transition':{'target_prompts':['b'],'num_steps':3}}"))
                .accepted());
        List<float[]> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            moving.demand();
            Map<Generation, byte[]> done = Map.of();
            float[] used = null;
            while (done.isEmpty()) {
                used = moving.track.present();
                done = step(List.of(moving));
            }
            seen.add(used);
        }
        assertArrayEquals(PromptEncoder.encode("a"), seen.get(0), 1e-6f);
        assertArrayEquals(PromptEncoder.encode("b"), seen.get(2), 1e-6f);
        assertFalse(moving.track.moving());
    }

    @Test
    void restylesCamerasOfOtherSizesAndOfBothFormats() {
        for (PixelFormat format : PixelFormat.values()) {
            Generation one = open(InputMode.VIDEO, "{'prompts':['a'],'noise_scale':0.2}");
            Generation louder = open(InputMode.VIDEO, "{'prompts':['a'],'noise_scale':0.8}");
            Generation other = open(InputMode.VIDEO, "{'prompts':['a'],'noise_scale':0.2}");
            one.feed(camera(9, 1, format));
            louder.feed(camera(9, 1, format));
            other.feed(camera(9, 50, format));
            byte[] picture = chunk(one);
            assertFalse(Arrays.equals(picture, chunk(louder)));
            assertFalse(Arrays.equals(picture, chunk(other)));
        }
    }

    @Test
    void underPressureAChunkTakesFewerStepsFromTheNextOneOn() {
        try (Generation one = open(InputMode.TEXT, "{'denoising_step_list':[1000,750,500,250]}")) {
            assertEquals(4, denoisingSteps(one));
            one.economize(Set.of(Economy.FEWER_STEPS));
            assertEquals(2, denoisingSteps(one));
            one.economize(Set.of());
            assertEquals(4, denoisingSteps(one));
        }
    }

    /** Of the chunk that begins now. */
    private int denoisingSteps(Generation generation) {
        int steps = 0;
        boolean done = false;
        generation.demand();
        while (!done) {
            for (Lane lane : Lane.values()) {
                if (generation.next(lane) instanceof NextStep.StepPlan plan) {
                    steps += plan.key().kind() == StepKind.DENOISE ? 1 : 0;
                    done = plan.key().kind() == StepKind.DECODE;
                    step(List.of(generation));
                    break;
                }
            }
        }
        return steps;
    }

    @Test
    void encodesTheTextOnlyWhenThePromptChanged() {
        Generation one = open(InputMode.TEXT, "{'prompts':['a']}");
        one.demand();
        assertTrue(one.next(Lane.TEXT) instanceof NextStep.StepPlan);
        step(List.of(one));
        while (one.next(Lane.TEXT) instanceof NextStep.Waits) {
            step(List.of(one));
        }
        one.demand();
        assertTrue(one.next(Lane.DENOISE) instanceof NextStep.StepPlan plan
                && plan.key().kind() == StepKind.DENOISE);
        one.dropChunk();
        assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
    }
}
