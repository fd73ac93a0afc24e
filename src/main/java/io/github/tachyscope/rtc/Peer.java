package io.github.tachyscope.rtc;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;

/** One WebRTC connection. */
public final class Peer {

    public sealed interface Command {}

    /** Sends one encoded picture on the video line {@code mid}; dropped silently while not connected. */
    public record SendVideo(String mid, EncodedFrame frame) implements Command {}

    /** Sends a text message on an open data channel. */
    public record SendText(int channelId, String text) implements Command {}

    /** Asks the browser for a key frame on the line {@code mid} (decoder lost the thread). */
    public record RequestKeyFrame(String mid) implements Command {}

    /**
     * A candidate that arrived after the offer.
     *
     * @param candidate the {@code candidate:} line
     */
    public record AddCandidate(String candidate) implements Command {}

    /** Ends the connection in an orderly way. */
    public enum Close implements Command {
        INSTANCE
    }

    /** What happens on the connection, told to its listener. */
    public sealed interface Event {}

    /** ICE, DTLS and SRTP are up; media flows. */
    public enum Connected implements Event {
        INSTANCE
    }

    /**
     * A complete encoded picture arrived. Frames come in decoding order without gaps: after a loss, nothing until the
     * next key frame.
     *
     * @param frame dated by the media clock, spaced by its RTP timestamps
     */
    public record VideoReceived(String mid, EncodedFrame frame) implements Event {}

    /** The browser needs a key frame on the line {@code mid} that we send. */
    public record KeyFrameWanted(String mid) implements Event {}

    /** What the network can take on the line {@code mid} that we send, in bits per second. */
    public record TargetBitrate(String mid, int bitsPerSecond) implements Event {}

    public record ChannelOpened(int channelId, String label) implements Event {}

    public record ChannelClosed(int channelId) implements Event {}

    public record TextReceived(int channelId, String text) implements Event {}

    /** The connection is gone and this actor stops. */
    public record Closed(CloseReason reason, String message) implements Event {}

    /** Why a connection ended. */
    public enum CloseReason {
        /** {@link Close} was asked for. */
        REQUESTED,
        /** The other side said goodbye (DTLS close, SCTP abort). */
        REMOTE,
        /** ICE found no way within the time limit. */
        ICE_FAILED,
        /** The handshake failed or took too long. */
        HANDSHAKE_FAILED,
        /** The other side vanished (consent freshness, RFC 7675). */
        CONSENT_LOST,
        /** A fault of our own. */
        INTERNAL
    }

    /**
     * A video line of the answer.
     *
     * @param mid its identification
     * @param codec negotiated codec
     * @param receives whether the browser sends pictures on it
     * @param sends whether the browser wants pictures on it
     */
    public record VideoLine(String mid, VideoCodec codec, boolean receives, boolean sends) {}

    private Peer() {}
}
