package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParameterScheduleTest {
    @Test
    void aListGoesOnWithItsLastValueAndOnlyChangesAreSaid() {
        ParameterSchedule schedule = ParameterSchedule.empty()
                .dense("seed", List.of(IntNode.valueOf(42), IntNode.valueOf(43)))
                .dense("noise_scale", List.of(DoubleNode.valueOf(0.7)));
        assertEquals(
                Parameters.none().with("seed", IntNode.valueOf(42)).with("noise_scale", DoubleNode.valueOf(0.7)),
                schedule.at(0));
        assertEquals(Parameters.none().with("seed", IntNode.valueOf(43)), schedule.at(1));
        assertTrue(schedule.at(2).isEmpty());
        assertTrue(schedule.at(Long.MAX_VALUE).isEmpty());
    }

    @Test
    void steadyValuesAreSaidAtEveryChunk() {
        ParameterSchedule schedule = ParameterSchedule.empty().steady("lora_scales", List.of(TextNode.valueOf("a")));
        assertEquals(schedule.at(0), schedule.at(7));
    }

    @Test
    void keyframesAreSaidOnlyAtTheirChunkAndTheLaterOneWins() {
        ParameterSchedule schedule = ParameterSchedule.constant(prompt("a harbour"))
                .keyframe(0, prompt("a storm"))
                .keyframe(3, prompt("a fire"))
                .keyframe(3, Parameters.none().with("first_frame_image", TextNode.valueOf("x.png")));
        assertEquals(prompt("a storm"), schedule.at(0));
        assertTrue(schedule.at(2).isEmpty());
        assertEquals(prompt("a fire").with("first_frame_image", TextNode.valueOf("x.png")), schedule.at(3));
        assertTrue(schedule.at(4).isEmpty());
    }

    @Test
    void aKeyframeBeatsAListAtItsChunk() {
        ParameterSchedule schedule = ParameterSchedule.empty()
                .dense("seed", List.of(IntNode.valueOf(1), IntNode.valueOf(2), IntNode.valueOf(3)))
                .keyframe(1, Parameters.none().with("seed", IntNode.valueOf(9)));
        assertEquals(Optional.of(IntNode.valueOf(9)), schedule.at(1).value("seed"));
        assertEquals(Optional.of(IntNode.valueOf(3)), schedule.at(2).value("seed"));
    }

    @Test
    void promptsWithoutATransitionCancelOneForTheSameChunk() {
        Parameters transition = Parameters.none()
                .with(
                        Parameters.TRANSITION,
                        JsonNodeFactory.instance.objectNode().put("num_steps", 3));
        ParameterSchedule schedule =
                ParameterSchedule.empty().keyframe(2, transition).keyframe(2, prompt("calm"));
        assertEquals(prompt("calm"), schedule.at(2));
        ParameterSchedule reset = ParameterSchedule.empty()
                .keyframe(1, Parameters.none().with(Parameters.RESET_CACHE, BooleanNode.TRUE))
                .keyframe(1, Parameters.none().with(Parameters.RESET_CACHE, BooleanNode.FALSE));
        assertEquals(Optional.of(BooleanNode.TRUE), reset.at(1).value(Parameters.RESET_CACHE));
    }

    @Test
    void sayingAllThatIsSaidUpToAChunkGivesTheValueOfThatChunk() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<JsonNode> values = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                values.add(IntNode.valueOf(random.nextInt(3)));
            }
            ParameterSchedule schedule = ParameterSchedule.empty().dense("seed", values);
            Parameters now = Parameters.none();
            for (int chunk = 0; chunk < 10; chunk++) {
                now = now.merge(schedule.at(chunk));
                assertEquals(
                        values.get(Math.min(chunk, values.size() - 1)),
                        now.value("seed").orElseThrow(),
                        "seed " + seed + " chunk " + chunk);
            }
        }
    }

    @Test
    void refusesEmptyListsAndChunksBeforeTheFirst() {
        assertThrows(
                IllegalArgumentException.class, () -> ParameterSchedule.empty().dense("seed", List.of()));
        assertThrows(
                IllegalArgumentException.class, () -> ParameterSchedule.empty().keyframe(-1, prompt("x")));
    }

    private static Parameters prompt(String text) {
        return Parameters.none().with(Parameters.PROMPTS, TextNode.valueOf(text));
    }
}
