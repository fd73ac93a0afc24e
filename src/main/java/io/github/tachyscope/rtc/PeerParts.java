package io.github.tachyscope.rtc;

import io.github.tachyscope.config.RtcSettings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.dtls.DtlsServer;
import io.github.tachyscope.rtc.ice.IceSession;
import io.github.tachyscope.rtc.rtp.MediaSession;
import io.github.tachyscope.rtc.sctp.DataChannels;
import io.github.tachyscope.rtc.sdp.Offer;
import java.util.Optional;

/**
 * What a {@link Peer} is put together from.
 *
 * @param media empty when the offer has no video
 * @param data empty when the offer has no data channels
 */
record PeerParts(
        Offer offer,
        IceSession ice,
        DtlsServer dtls,
        Optional<MediaSession> media,
        Optional<DataChannels> data,
        RtcSettings settings,
        MediaClock clock) {}
