package io.github.tachyscope.fetch;

import java.time.Duration;

/**
 * How long to wait for others, and how often to try.
 *
 * @param connect for a connection
 * @param reply from the request to the head of the reply
 * @param stall longest silence within a body
 * @param attempts in a row without progress, one at least
 * @param firstPause before the second attempt; doubled with each further one
 * @param longestPause between two attempts, whatever the host asks for
 */
public record Patience(
        Duration connect, Duration reply, Duration stall, int attempts, Duration firstPause, Duration longestPause) {
    Duration pause(int failures) {
        Duration doubled = firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
        return doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
    }
}
