package io.github.tachyscope.api.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InteractionsTest {
    private static final Parameters START = Parameters.of(Map.of("base_seed", IntNode.valueOf(7)));

    private final Interactions interactions = of(20, 1);

    private static Interactions of(long total, int group) {
        Interactions made =
                new Interactions(ParameterSchedule.constant(START), new SyntheticProvider().spec(), total, group);
        made.promptEncoded();
        return made;
    }

    private Optional<String> queue(String id, int chunks) {
        return interactions.queue(new Interactions.Update(id, Optional.of("prompt " + id), Map.of(), chunks), 5);
    }

    private Interactions.Events next(long chunk) {
        interactions.at(chunk);
        return interactions.take(chunk);
    }

    @Test
    void saysWhatTheScheduleSaysWithoutUpdates() {
        assertEquals(START, interactions.at(0));
        assertTrue(interactions.at(1).isEmpty());
        assertEquals(Interactions.Events.NONE, interactions.take(1));
    }

    @Test
    void anUpdateStartsAtTheNextChunkAndMovesOverItsTransition() {
        interactions.at(0);
        assertEquals(Optional.empty(), queue("a", 3));
        Parameters first = interactions.at(1);
        JsonNode transition = first.value(Parameters.TRANSITION).orElseThrow();
        assertEquals("prompt a", transition.at("/target_prompts/0/text").asText());
        assertEquals(3, transition.path("num_steps").asInt());
        assertEquals("false", transition.path(Parameters.SHOWS_SOURCE).asText());
        assertEquals(
                new Interactions.Events(List.of("a"), List.of("a"), List.of(), OptionalLong.of(5)),
                interactions.take(1));
        assertTrue(interactions.at(2).isEmpty());
        assertEquals(
                new Interactions.Events(List.of(), List.of("a"), List.of(), OptionalLong.empty()),
                interactions.take(2));
        assertEquals(new Interactions.Events(List.of(), List.of("a"), List.of("a"), OptionalLong.empty()), next(3));
        assertEquals(Interactions.Events.NONE, next(4));
    }

    @Test
    void aTransitionOfNoChunksIsAHardCut() {
        interactions.at(0);
        queue("a", 0);
        Parameters cut = interactions.at(1);
        assertEquals(
                "prompt a",
                cut.value(Parameters.PROMPTS).orElseThrow().at("/0/text").asText());
        assertTrue(cut.value(Parameters.TRANSITION).isEmpty());
        assertEquals(
                new Interactions.Events(List.of("a"), List.of(), List.of("a"), OptionalLong.of(5)),
                interactions.take(1));
    }

    @Test
    void movesWithEveryChunkOfThePipeline() {
        Interactions grouped = of(20, 12);
        grouped.at(0);
        grouped.queue(new Interactions.Update("a", Optional.of("x"), Map.of(), 2), 0);
        JsonNode transition = grouped.at(1).value(Parameters.TRANSITION).orElseThrow();
        assertEquals(24, transition.path("num_steps").asInt());
    }

    @Test
    void aNewerUpdateReplacesOneThatWaitsAndBothAreListed() {
        interactions.at(0);
        queue("a", 3);
        queue("b", 3);
        assertEquals(new Interactions.Events(List.of("b"), List.of("b"), List.of("a"), OptionalLong.of(5)), next(1));
    }

    @Test
    void anUpdateDuringATransitionCompletesTheOneBefore() {
        interactions.at(0);
        queue("a", 5);
        next(1);
        queue("b", 1);
        assertEquals(
                new Interactions.Events(List.of("b"), List.of("b"), List.of("a", "b"), OptionalLong.of(5)), next(2));
    }

    @Test
    void refusesUpdatesThatCannotAct() {
        Interactions early = new Interactions(ParameterSchedule.empty(), new SyntheticProvider().spec(), 2, 1);
        Interactions.Update prompt = new Interactions.Update("a", Optional.of("x"), Map.of(), 3);
        assertTrue(early.queue(prompt, 0).orElseThrow().contains("not encoded yet"));
        early.promptEncoded();
        early.at(0);
        early.at(1);
        assertTrue(early.queue(prompt, 0).orElseThrow().contains("last chunk"));

        Interactions.Update unknown =
                new Interactions.Update("a", Optional.of("x"), Map.of("camera", TextNode.valueOf("left")), 3);
        assertTrue(interactions.queue(unknown, 0).orElseThrow().contains("camera"));
        Interactions.Update wrong =
                new Interactions.Update("a", Optional.of("x"), Map.of("noise_scale", DoubleNode.valueOf(7)), 3);
        assertTrue(interactions.queue(wrong, 0).orElseThrow().contains("noise_scale"));
        assertEquals(START, interactions.at(0), "nothing of a refused update is applied");

        Interactions silent = new Interactions(ParameterSchedule.empty(), new PassthroughProvider().spec(), 2, 1);
        silent.promptEncoded();
        assertTrue(silent.queue(prompt, 0).orElseThrow().contains("takes no prompts"));
    }

    @Test
    void controlsActAtOnce() {
        interactions.at(0);
        interactions.queue(
                new Interactions.Update("a", Optional.empty(), Map.of("noise_scale", DoubleNode.valueOf(0.25)), 3), 0);
        assertEquals(0.25, interactions.at(1).value("noise_scale").orElseThrow().doubleValue());
        assertEquals(List.of("a"), interactions.take(1).completed());
    }

    @Test
    void everyUpdateIsListedAsCompletedExactlyOnce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            long total = 1 + random.nextInt(12);
            Interactions session = of(total, 1);
            List<String> accepted = new ArrayList<>();
            Map<String, Integer> completed = new HashMap<>();
            Set<String> started = new HashSet<>();
            for (long chunk = 0; chunk < total; chunk++) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    String id = chunk + "-" + i;
                    Interactions.Update update =
                            new Interactions.Update(id, Optional.of(id), Map.of(), random.nextInt(5));
                    assertEquals(Optional.empty(), session.queue(update, 0), "seed " + seed);
                    accepted.add(id);
                }
                session.at(chunk);
                Interactions.Events events = session.take(chunk);
                for (String id : events.started()) {
                    assertTrue(started.add(id), "seed " + seed + ": " + id + " started twice");
                }
                assertTrue(started.containsAll(events.active()), "seed " + seed);
                assertTrue(events.active().size() <= 1, "seed " + seed);
                assertTrue(
                        events.active().stream().noneMatch(completed::containsKey),
                        "seed " + seed + ": active after its end");
                events.completed().forEach(id -> completed.merge(id, 1, Integer::sum));
            }
            assertEquals(new HashSet<>(accepted), completed.keySet(), "seed " + seed);
            assertTrue(completed.values().stream().allMatch(times -> times == 1), "seed " + seed);
        }
    }
}
