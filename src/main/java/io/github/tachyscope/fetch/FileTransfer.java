package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import io.github.tachyscope.fetch.FileFetch.Fetched;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The attempts at one file, each going on where the one before broke off.
 *
 * <pre>
 * nothing there        -> GET                      -> 200
 * a part, version known -> GET, Range, If-Range    -> 206: the rest; 200: another version, from the first byte
 * complete              -> length and hash
 * </pre>
 */
final class FileTransfer {
    private final Fetch fetch;
    private final FileFetch wanted;
    private final PartFile part;
    private final FileFetch.Progress progress;
    /** Whether the bytes that are there came in more than one piece, and so may be of two versions. */
    private boolean resumed;

    FileTransfer(Fetch fetch, FileFetch wanted, PartFile part, FileFetch.Progress progress) {
        this.fetch = fetch;
        this.wanted = wanted;
        this.part = part;
        this.progress = progress;
    }

    Fetched attempt() {
        boolean known = wanted.checksum().isPresent() || part.validator().isPresent();
        if (part.length() > 0 && (!known || part.length() > wanted.bytes().orElse(wanted.maxBytes()))) {
            begin();
        }
        resumed = part.length() > 0;
        progress.at(part.length());
        Optional<Checksum> checksum = wanted.checksum();
        if (wanted.bytes().isEmpty() || part.length() < wanted.bytes().getAsLong()) {
            Optional<Checksum> named = receive();
            checksum = checksum.or(() -> named);
        }
        return verify(checksum);
    }

    private Fetched verify(Optional<Checksum> checksum) {
        Optional<String> sha256 = part.verified(checksum);
        if (sha256.isPresent()) {
            part.finish();
            return new Fetched(part.length(), sha256.get());
        }
        String host = wanted.address().getHost();
        if (resumed) {
            begin();
            throw new FetchFailed(Kind.UNREACHABLE, host + " sent parts of two versions of the file.");
        }
        part.delete();
        throw new FetchFailed(
                Kind.WRONG_HASH,
                "The file from " + host + " is not the one that was announced: its checksum is wrong.");
    }

    private void begin() {
        part.reset();
        resumed = false;
        progress.at(0);
    }

    /** Fetches what is missing; gives the checksum that was named on the way. */
    private Optional<Checksum> receive() {
        long from = part.length();
        Map<String, String> headers = from == 0
                ? Map.of()
                : part.validator()
                        .map(tag -> Map.of("Range", "bytes=" + from + "-", "If-Range", tag))
                        .orElse(Map.of("Range", "bytes=" + from + "-"));
        try (Reply reply = fetch.open(wanted.address(), headers, wanted.credential())) {
            OptionalLong total = total(reply);
            checkLength(total);
            part.tag(reply.entityTag());
            take(reply, total);
            return reply.linkedHash();
        }
    }

    /** How long the file will be. Sees to it that what comes next fits what is there. */
    private OptionalLong total(Reply reply) {
        String host = reply.from().getHost();
        if (reply.headers()
                .firstValue("Content-Encoding")
                .filter(e -> !e.equals("identity"))
                .isPresent()) {
            throw new FetchFailed(Kind.BAD_REPLY, host + " sends the file in an encoding that was not asked for.");
        }
        if (reply.status() == 200) {
            if (part.length() > 0) {
                begin();
            }
            return reply.length();
        }
        if (reply.status() == 206) {
            Optional<Reply.Range> range = reply.range();
            if (range.isPresent() && range.get().first() == part.length()) {
                return range.get().total();
            }
        }
        if (reply.status() == 206 || reply.status() == 416) {
            begin();
            throw new FetchFailed(Kind.UNREACHABLE, host + " has another part of the file than was asked for.");
        }
        throw reply.refusal();
    }

    private void checkLength(OptionalLong total) {
        if (total.isEmpty()) {
            return;
        }
        if (wanted.bytes().isPresent() && wanted.bytes().getAsLong() != total.getAsLong()) {
            throw wrongLength(total.getAsLong());
        }
        if (total.getAsLong() > wanted.maxBytes()) {
            throw tooLarge();
        }
    }

    private void take(Reply reply, OptionalLong total) {
        OptionalLong whole = total.isPresent() ? total : wanted.bytes();
        for (Optional<List<ByteBuffer>> piece = reply.body().next();
                piece.isPresent();
                piece = reply.body().next()) {
            for (ByteBuffer buffer : piece.get()) {
                long length = part.length() + buffer.remaining();
                if (whole.isPresent() && length > whole.getAsLong()) {
                    begin();
                    throw wrongLength(length);
                }
                if (length > wanted.maxBytes()) {
                    begin();
                    throw tooLarge();
                }
                part.append(buffer);
            }
            progress.at(part.length());
        }
        if (whole.isPresent() && part.length() < whole.getAsLong()) {
            throw new FetchFailed(
                    Kind.UNREACHABLE,
                    "The connection to " + reply.from().getHost() + " ended after " + part.length() + " of "
                            + whole.getAsLong() + " bytes.");
        }
    }

    private FetchFailed wrongLength(long actual) {
        String announced = wanted.bytes().isPresent() ? wanted.bytes().getAsLong() + " bytes" : "fewer";
        return new FetchFailed(
                Kind.WRONG_LENGTH,
                "The file from " + wanted.address().getHost() + " has " + actual + " bytes or more; announced were "
                        + announced + ".");
    }

    private FetchFailed tooLarge() {
        return new FetchFailed(
                Kind.TOO_LARGE,
                "The file from " + wanted.address().getHost() + " is larger than " + wanted.maxBytes() + " bytes.");
    }
}
