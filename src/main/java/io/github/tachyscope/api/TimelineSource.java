package io.github.tachyscope.api;

import java.util.List;

/** The finished steps that the scheduler remembers. */
@FunctionalInterface
public interface TimelineSource {
    /** At most {@code most} spans with a sequence number of {@code since} or more, oldest first. Must not block. */
    Page read(long since, int most);

    /**
     * A part of the timeline.
     *
     * @param next pass as {@code since} to go on
     */
    record Page(List<Span> spans, long next) {}

    /**
     * One finished step.
     *
     * @param sequence number of the span, growing
     * @param device where it ran
     * @param lane of the device
     * @param kind of the step, such as {@code denoise}
     * @param owners sessions or jobs that the batch served
     * @param startMicros on the media clock
     * @param endMicros on the media clock
     * @param chunk of the first owner
     * @param failed whether the step threw
     */
    record Span(
            long sequence,
            String device,
            String lane,
            String kind,
            List<String> owners,
            long startMicros,
            long endMicros,
            long chunk,
            boolean failed) {}
}
