package io.github.tachyscope.rtc.sctp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What we say about ourselves in INIT and INIT-ACK, the same for the life of one association. */
final class LocalInit {
    /** Streams announced each way; the tables of channels and streams have their own, smaller caps. */
    static final int STREAMS = 65_535;

    private static final int SECRET_BYTES = 32;

    private final InitFields fields;
    private final CookieJar cookies;

    LocalInit(int receiveWindow, long seed) {
        Random random = new Random(seed);
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        cookies = new CookieJar(secret);
        int tag = random.nextInt();
        // Tag zero is reserved for the packet of an INIT.
        fields = new InitFields(tag == 0 ? 1 : tag, receiveWindow, STREAMS, STREAMS, random.nextInt());
    }

    int tag() {
        return fields.tag();
    }

    int initialTsn() {
        return fields.initialTsn();
    }

    InitChunk init() {
        return new InitChunk(fields, PeerInit.OUR_EXTENSIONS);
    }

    /** Answers an INIT; all that is to be remembered goes into the cookie. */
    InitAckChunk answer(InitChunk init, PeerInit peer, long nowMicros) {
        List<Parameter> parameters = new ArrayList<>(PeerInit.OUR_EXTENSIONS);
        byte[] cookie = cookies.bake(new CookieJar.Cookie(nowMicros, tag(), peer));
        parameters.add(new Parameter(InitAckChunk.STATE_COOKIE, cookie));
        PeerInit.unrecognized(init.parameters()).map(ErrorReports::unrecognized).ifPresent(parameters::add);
        return new InitAckChunk(fields, List.copyOf(parameters));
    }

    /** The content of a cookie that this association made, or nothing. */
    Optional<CookieJar.Cookie> open(CookieEchoChunk echo) {
        return cookies.open(echo.cookie()).filter(cookie -> cookie.localTag() == tag());
    }
}
