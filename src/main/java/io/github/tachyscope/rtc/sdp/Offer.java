package io.github.tachyscope.rtc.sdp;

import java.util.List;

/**
 * What a client offers, as far as it can be served: at least one line is not rejected.
 *
 * @param lines in the order of the offer
 * @param fingerprints SHA-256 of the certificates that the client may show, 32 bytes each
 * @param candidates usable ones; none is fine, the client's checks tell its address
 */
public record Offer(
        List<MediaLine> lines,
        String iceUfrag,
        String icePassword,
        List<Fingerprint> fingerprints,
        List<IceCandidate> candidates) {

    /**
     * Reads an offer.
     *
     * @throws UnacceptableOffer if it is not SDP or cannot be served
     */
    public static Offer parse(String sdp) {
        return new OfferReader(SdpText.parse(sdp)).offer();
    }

    public List<MediaLine.Video> videoLines() {
        return lines.stream()
                .filter(MediaLine.Video.class::isInstance)
                .map(MediaLine.Video.class::cast)
                .toList();
    }
}
