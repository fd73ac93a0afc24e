package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * Live sessions; see {@code tachyscope.session} in {@code reference.conf}.
 *
 * @param max most live sessions at a time
 * @param maxPerAddress most live sessions of one client address
 * @param retryAfter told to a client that is refused because the server is full
 * @param idleTimeout a session that neither sends nor gets anything for so long ends
 * @param maxFps most frames per second of a stream made from text
 * @param failedChunks so many failed chunks in a row end a session
 * @param drainTimeout how long sessions may go on after the server was asked to stop
 */
public record SessionSettings(
        int max,
        int maxPerAddress,
        Duration retryAfter,
        Duration idleTimeout,
        double maxFps,
        int failedChunks,
        Duration drainTimeout,
        Duration askTimeout) {
    static SessionSettings from(Config c) {
        return new SessionSettings(
                c.getInt("max"),
                c.getInt("max-per-address"),
                c.getDuration("retry-after"),
                c.getDuration("idle-timeout"),
                c.getDouble("max-fps"),
                c.getInt("failed-chunks"),
                c.getDuration("drain-timeout"),
                c.getDuration("ask-timeout"));
    }
}
