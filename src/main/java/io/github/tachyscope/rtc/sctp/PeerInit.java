package io.github.tachyscope.rtc.sctp;

import java.util.List;
import java.util.Optional;

/** What the peer said about itself in INIT or INIT-ACK. */
record PeerInit(int tag, long receiveWindow, int inboundStreams, int initialTsn, boolean forwardTsn, boolean reconfig) {
    private static final int FORWARD_TSN_SUPPORTED = 0xC000;
    private static final int SUPPORTED_EXTENSIONS = 0x8008;

    /** What we announce: FORWARD-TSN and RE-CONFIG, nothing else. */
    static final List<Parameter> OUR_EXTENSIONS = List.of(
            new Parameter(FORWARD_TSN_SUPPORTED, new byte[0]),
            new Parameter(SUPPORTED_EXTENSIONS, new byte[] {(byte) ReconfigChunk.TYPE, (byte) ForwardTsnChunk.TYPE}));

    static PeerInit of(InitFields fields, List<Parameter> parameters) {
        boolean forwardTsn = false;
        boolean reconfig = false;
        for (Parameter parameter : parameters) {
            if (parameter.type() == FORWARD_TSN_SUPPORTED) {
                forwardTsn = true;
            } else if (parameter.type() == SUPPORTED_EXTENSIONS) {
                for (byte chunkType : parameter.value()) {
                    forwardTsn |= (chunkType & 0xFF) == ForwardTsnChunk.TYPE;
                    reconfig |= (chunkType & 0xFF) == ReconfigChunk.TYPE;
                }
            }
        }
        return new PeerInit(
                fields.tag(),
                fields.receiveWindow(),
                fields.inboundStreams(),
                fields.initialTsn(),
                forwardTsn,
                reconfig);
    }

    /** The first parameter that we do not know and whose type asks for a report (RFC 9260 section 3.2.1). */
    static Optional<Parameter> unrecognized(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            if (parameter.type() == FORWARD_TSN_SUPPORTED || parameter.type() == SUPPORTED_EXTENSIONS) {
                continue;
            }
            if ((parameter.type() & 0x4000) != 0) {
                return Optional.of(parameter);
            }
        }
        return Optional.empty();
    }
}
