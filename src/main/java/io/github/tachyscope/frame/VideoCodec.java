package io.github.tachyscope.frame;

/** The video codecs of the live path. */
public enum VideoCodec {
    /** RFC 6386, carried by RFC 7741. */
    VP8,
    /** ITU-T H.264 constrained baseline, carried by RFC 6184. Annex B byte stream inside {@link EncodedFrame}. */
    H264
}
