package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.schedule.DeviceChoice.NoPlace;
import io.github.tachyscope.schedule.DeviceChoice.Offer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceChoiceTest {
    private static Offer offer(String name, long free, int runs) {
        return new Offer(name, Optional.empty(), Optional.empty(), free, runs, 0);
    }

    private static Offer loaded(String name, int runs, double load) {
        return new Offer(name, Optional.empty(), Optional.empty(), 100, runs, load);
    }

    private static Offer broken(String name, String why) {
        return new Offer(name, Optional.of(why), Optional.empty(), 100, 0, 0);
    }

    private static String chosen(Offer... offers) {
        return DeviceChoice.choose(List.of(offers), 10) instanceof DeviceChoice.Chosen chosen
                ? chosen.offer().name()
                : "none";
    }

    @Test
    void takesTheLeastLoadWhereItIsKnown() {
        assertEquals("b", chosen(loaded("a", 1, 0.9), loaded("b", 7, 0.5)));
    }

    @Test
    void passesABusyDeviceOverAndSaysSoWhenAllAreBusy() {
        Offer busy = new Offer("a", Optional.empty(), Optional.of("a is busy"), 100, 0, 0);
        assertEquals("b", chosen(busy, loaded("b", 7, 0.5)));
        assertEquals(new NoPlace("a is busy"), DeviceChoice.choose(List.of(busy, broken("c", "gone")), 10));
    }

    @Test
    void equalLoadGoesToFewerRunsThenToTheFirstName() {
        assertEquals("b", chosen(loaded("a", 2, 0.5), loaded("b", 1, 0.5)));
        List<Offer> equal = new ArrayList<>(List.of(offer("cpu:0", 50, 1), offer("cpu:1", 90, 1), offer("x", 10, 1)));
        for (long seed = 0; seed < 20; seed++) {
            Collections.shuffle(equal, new Random(seed));
            assertEquals("cpu:0", chosen(equal.toArray(new Offer[0])), "seed " + seed);
        }
    }

    @Test
    void aSessionMustFit() {
        assertEquals("b", chosen(offer("a", 9, 0), offer("b", 10, 5)));
        assertEquals(
                new NoPlace("not enough memory on a, b for another session"),
                DeviceChoice.choose(List.of(offer("b", 9, 0), offer("a", 0, 0)), 10));
    }

    @Test
    void aDeviceInTroubleTakesNothing() {
        assertEquals("b", chosen(broken("a", "it burns"), loaded("b", 9, 99)));
        assertEquals(
                new NoPlace("it burns"),
                DeviceChoice.choose(List.of(broken("b", "it is gone"), broken("a", "it burns")), 10));
    }
}
