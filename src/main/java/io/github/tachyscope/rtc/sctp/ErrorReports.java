package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What is said to the peer about errors, and what the peer says of them (RFC 9260 sections 3.3.2 and 3.3.10). */
final class ErrorReports {
    /** Longest part of something unknown that is quoted; a report is no larger than what provoked it. */
    private static final int MAX_QUOTE_BYTES = 128;

    private static final int UNRECOGNIZED_PARAMETER = 8;

    static AbortChunk userInitiatedAbort() {
        return new AbortChunk(false, List.of(new Parameter(AbortChunk.USER_INITIATED, new byte[0])));
    }

    static ErrorChunk unknown(UnknownChunk chunk) {
        return new ErrorChunk(List.of(new Parameter(ErrorChunk.UNRECOGNIZED_CHUNK, cut(chunk.encode()))));
    }

    static ErrorChunk stale(long staleMicros) {
        byte[] measure =
                new ByteWriter(4).u32(Math.min(staleMicros, 0xFFFF_FFFFL)).toBytes();
        return new ErrorChunk(List.of(new Parameter(ErrorChunk.STALE_COOKIE, measure)));
    }

    /** For INIT-ACK: quotes a parameter of INIT. */
    static Parameter unrecognized(Parameter parameter) {
        ByteWriter quoted = new ByteWriter(64);
        new Parameter(parameter.type(), cut(parameter.value())).write(quoted);
        return new Parameter(UNRECOGNIZED_PARAMETER, quoted.toBytes());
    }

    /** The first cause of an ABORT in printable characters. */
    static String describe(AbortChunk abort) {
        if (abort.causes().isEmpty()) {
            return "";
        }
        Parameter cause = abort.causes().get(0);
        String text = new String(cut(cause.value()), StandardCharsets.US_ASCII).replaceAll("[^ -~]", "");
        return " (cause " + cause.type() + (text.isEmpty() ? "" : ", " + text) + ")";
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, Math.min(bytes.length, MAX_QUOTE_BYTES));
    }

    private ErrorReports() {}
}
