package io.github.tachyscope.schedule;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which device a new run goes to: a pure function of what is there.
 *
 * <p>Among the devices that work, have the pipeline and have time and room for one session more, the one with the least
 * load, then the one with the fewest runs.
 */
final class DeviceChoice {
    /**
     * A device that has the pipeline.
     *
     * @param trouble why it takes no runs now; empty if it works
     * @param busy why it takes this run not now; empty if it does
     * @param freeBytes memory that its weights and its sessions leave
     * @param runs that are open on it
     * @param load predicted share of its time, the new run included
     */
    record Offer(String name, Optional<String> trouble, Optional<String> busy, long freeBytes, int runs, double load) {}

    /** The offer taken, or why none was. */
    sealed interface Choice {}

    record Chosen(Offer offer) implements Choice {}

    /** @param message fit for the client; later it may be otherwise */
    record NoPlace(String message) implements Choice {}

    private DeviceChoice() {}

    /**
     * Chooses.
     *
     * @param offers at least one
     * @param sessionBytes what the new session takes
     */
    static Choice choose(List<Offer> offers, long sessionBytes) {
        List<Offer> working =
                offers.stream().filter(offer -> offer.trouble().isEmpty()).toList();
        if (working.isEmpty()) {
            return new NoPlace(offers.stream()
                    .min(Comparator.comparing(Offer::name))
                    .flatMap(Offer::trouble)
                    .orElse("there is no device"));
        }
        List<Offer> idle =
                working.stream().filter(offer -> offer.busy().isEmpty()).toList();
        if (idle.isEmpty()) {
            return new NoPlace(working.stream()
                    .min(Comparator.comparing(Offer::name))
                    .flatMap(Offer::busy)
                    .orElseThrow());
        }
        return idle.stream()
                .filter(offer -> offer.freeBytes() >= sessionBytes)
                .min(Comparator.comparingDouble(Offer::load)
                        .thenComparingInt(Offer::runs)
                        .thenComparing(Offer::name))
                .<Choice>map(Chosen::new)
                .orElseGet(() -> new NoPlace("not enough memory on "
                        + String.join(
                                ", ", idle.stream().map(Offer::name).sorted().toList())
                        + " for another session"));
    }
}
