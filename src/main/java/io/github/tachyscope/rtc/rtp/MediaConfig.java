package io.github.tachyscope.rtc.rtp;

import java.util.List;

/**
 * What a {@link MediaSession} is made for.
 *
 * @param cname names us in source descriptions
 * @param startBitrate what we send before the network has said anything, in bits per second, all lines together
 * @param reducedSize whether RTCP may go without report and description (RFC 5506)
 * @param seed of the random starts of sequence numbers, timestamps and picture ids
 */
public record MediaConfig(
        List<VideoLineConfig> lines,
        String cname,
        int startBitrate,
        int minBitrate,
        int maxBitrate,
        boolean reducedSize,
        long seed) {
    public MediaConfig {
        lines = List.copyOf(lines);
        if (lines.isEmpty() || minBitrate < 1 || startBitrate < minBitrate || maxBitrate < startBitrate) {
            throw new IllegalArgumentException(lines.size() + " lines, bitrates " + minBitrate + " <= " + startBitrate
                    + " <= " + maxBitrate + "; there must be a line, and bitrates in this order");
        }
    }
}
