package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the chunks of runs take under each set of economies, as far as it was seen; the others are guessed from these. */
final class RunNeeds {
    /** What an economy is thought to leave before it was tried. */
    private static final double UNTRIED_ECONOMY = 0.7;

    private final Set<Economy> possible;
    private final Map<Set<Economy>, Need> byEconomies = new HashMap<>();
    private Set<Economy> present = Set.of();

    /** @param size of the run's pictures; empty: that of the loaded pipeline */
    RunNeeds(PipelineSpec spec, Optional<PictureSize> size) {
        this.possible = new HashSet<>(spec.economies());
        PictureSize whole = size.orElse(spec.size());
        if (spec.smaller(whole).equals(whole)) {
            possible.remove(Economy.SMALLER_PICTURES);
        }
    }

    /** What counts from now on. */
    Need present() {
        return byEconomies.computeIfAbsent(present, unseen -> new Need());
    }

    /** Chunks are made under these economies from now on, as far as the pipeline has them. */
    void economize(Set<Economy> economies) {
        present().dropped();
        present = effective(economies);
    }

    private Set<Economy> effective(Set<Economy> economies) {
        Set<Economy> both = new HashSet<>(economies);
        both.retainAll(possible);
        return both;
    }

    boolean known() {
        return byEconomies.values().stream().anyMatch(Need::known);
    }

    /** Predicted time that a chunk takes of a lane; 0 if no chunk was seen. */
    double micros(Lane lane, Set<Economy> economies) {
        Set<Economy> wanted = effective(economies);
        Need seen = byEconomies.get(wanted);
        if (seen != null && seen.known()) {
            return seen.micros(lane);
        }
        Optional<Map.Entry<Set<Economy>, Need>> other = byEconomies.entrySet().stream()
                .filter(entry -> entry.getValue().known())
                .findAny();
        return other.map(entry -> entry.getValue().micros(lane)
                        * Math.pow(
                                UNTRIED_ECONOMY, wanted.size() - entry.getKey().size()))
                .orElse(0.0);
    }
}
