package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * When the chunks of a stream may leave.
 *
 * @param kept whether they are held back to the time at which they are shown; else they leave when they are made
 * @param leadSeconds how much earlier than that they may leave
 * @param maxLagSeconds being later than this moves the time line; empty never moves it
 */
public record Pace(boolean kept, double leadSeconds, OptionalDouble maxLagSeconds) {
    static final String KEPT = "pace_to_media_time";
    static final String LEAD = "pacing_lead_seconds";
    static final String MAX_LAG = "pacing_max_lag_seconds";

    private static final double DEFAULT_MAX_LAG = 5;

    static Pace read(Optional<ObjectNode> extraParams) {
        if (extraParams.isEmpty()) {
            return new Pace(false, 0, OptionalDouble.of(DEFAULT_MAX_LAG));
        }
        ObjectNode json = extraParams.get();
        Fields fields = new Fields(json);
        Optional<Double> maxLag = fields.number(MAX_LAG, Fields.Range.NOT_NEGATIVE);
        boolean never = json.has(MAX_LAG) && json.get(MAX_LAG).isNull();
        return new Pace(
                fields.flag(KEPT).orElse(false),
                fields.number(LEAD, Fields.Range.NOT_NEGATIVE).orElse(0.0),
                never ? OptionalDouble.empty() : OptionalDouble.of(maxLag.orElse(DEFAULT_MAX_LAG)));
    }
}
