package io.github.tachyscope.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Batch generation over server-sent events; see {@code tachyscope.generate} in {@code reference.conf}.
 *
 * @param maxBodyBytes largest request or upload
 * @param maxBodies most requests and uploads that are read at a time
 * @param uploadsDir where uploads wait for the requests that use them
 * @param uploadTtl after which an upload is removed
 * @param maxUploadsBytes largest sum of all uploads
 */
public record GenerateSettings(
        long maxBodyBytes, int maxBodies, Path uploadsDir, Duration uploadTtl, long maxUploadsBytes) {
    static GenerateSettings from(Section section, JobSettings jobs) {
        return new GenerateSettings(
                section.bytes("max-body-size", 1024, Long.MAX_VALUE),
                section.whole("max-bodies", 1, 1000),
                section.optionalPath("uploads-dir").orElse(jobs.dir().resolve("uploads")),
                section.duration("upload-ttl", Duration.ofSeconds(1)),
                section.bytes("max-uploads-size", 1, Long.MAX_VALUE));
    }
}
