package io.github.tachyscope.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Properties;

/**
 * Which build is running since when.
 *
 * @param gitCommit what the build was given as {@code -Dbuild.commit}, else {@code unknown}
 * @param started constant for one process; clients tell a restart by it
 */
public record BuildInfo(String version, String gitCommit, Instant started) {
    public static BuildInfo load(Instant started) {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/tachyscope-build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return new BuildInfo(
                properties.getProperty("version", "unknown"), properties.getProperty("commit", "unknown"), started);
    }
}
