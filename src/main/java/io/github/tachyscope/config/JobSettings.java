package io.github.tachyscope.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The durable log of batch jobs and their results; see {@code tachyscope.jobs} in {@code reference.conf}.
 *
 * @param url of the database, as JDBC writes it; empty for a file in {@code dir}
 * @param poolWait longest wait for a connection
 * @param node name of this server among those that share the database
 * @param lease a running job whose server was not heard of for so long is lost
 * @param maxAttempts so many times a job may be lost
 * @param ttl from the creation of a job to its removal; empty keeps it
 * @param maxResultsBytes largest sum of all results
 * @param minFreeBytes free space that beginning a job needs
 */
public record JobSettings(
        Path dir,
        Optional<String> url,
        String user,
        Secret password,
        int poolSize,
        Duration poolWait,
        String node,
        Duration lease,
        int maxAttempts,
        int maxQueued,
        Optional<Duration> ttl,
        Path resultsDir,
        long maxResultsBytes,
        long minFreeBytes) {
    static JobSettings from(Section section) {
        Path dir = section.path("dir");
        Optional<String> url = section.optionalText("url");
        if (url.isPresent()
                && !url.get().startsWith("jdbc:postgresql:")
                && !url.get().startsWith("jdbc:h2:")) {
            section.reject("url", "must begin with jdbc:postgresql: or jdbc:h2:");
        }
        String node = section.text("node");
        if (!node.matches("[a-z0-9][a-z0-9_-]{0,62}")) {
            section.reject("node", "must be 1 to 63 of a to z, 0 to 9, - and _, and begin with a letter or digit");
        }
        return new JobSettings(
                dir,
                url,
                section.optionalText("user").orElse(""),
                new Secret(section.optionalText("password").orElse("")),
                // Upgrading the tables takes two at a time.
                section.whole("pool-size", 2, 64),
                section.duration("pool-wait", Duration.ofMillis(250)),
                node,
                section.duration("lease", Duration.ofSeconds(1)),
                section.whole("max-attempts", 1, 100),
                section.whole("max-queued", 1, 1_000_000),
                Optional.of(section.duration("ttl", Duration.ZERO)).filter(ttl -> !ttl.isZero()),
                section.optionalPath("results-dir").orElse(dir.resolve("results")),
                section.bytes("max-results-size", 1, Long.MAX_VALUE),
                section.bytes("min-free-space", 0, Long.MAX_VALUE));
    }
}
