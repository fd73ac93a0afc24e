package io.github.tachyscope.config;

import java.time.Duration;

/**
 * Live sessions; see {@code tachyscope.session} in {@code reference.conf}.
 *
 * @param max most live sessions at a time
 * @param maxPerAddress most live sessions of one client address
 * @param maxPerToken most live sessions that present the same access token
 * @param retryAfter told to a client that is refused because the server is full
 * @param idleTimeout a session that neither sends nor gets anything for so long ends
 * @param maxFps most frames per second of a stream made from text
 * @param failedChunks so many failed chunks in a row end a session
 * @param drainTimeout how long sessions may go on after the server was asked to stop
 */
public record SessionSettings(
        int max,
        int maxPerAddress,
        int maxPerToken,
        Duration retryAfter,
        Duration idleTimeout,
        int maxFps,
        int failedChunks,
        Duration drainTimeout,
        Duration askTimeout) {
    /** Guards against a slip of the keyboard; far above what one device can carry. */
    private static final int MOST = 10_000;

    static SessionSettings from(Section section) {
        return new SessionSettings(
                section.whole("max", 1, MOST),
                section.whole("max-per-address", 1, MOST),
                section.whole("max-per-token", 1, MOST),
                section.duration("retry-after", Duration.ofSeconds(1)),
                section.duration("idle-timeout"),
                section.whole("max-fps", 1, 60),
                section.whole("failed-chunks", 1, MOST),
                section.duration("drain-timeout", Duration.ZERO),
                section.duration("ask-timeout"));
    }
}
