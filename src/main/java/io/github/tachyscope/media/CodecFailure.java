package io.github.tachyscope.media;

/**
 * A frame could not be decoded or encoded, or a codec could not be opened. After a failed {@link VideoDecoder#decode}
 * the caller asks the sender for a key frame; the decoder itself stays usable.
 */
public final class CodecFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    CodecFailure(String message) {
        // Bad streams fail at frame rate: a stack trace would cost more than the decoding.
        super(message, null, false, false);
    }
}
