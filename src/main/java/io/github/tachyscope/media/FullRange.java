package io.github.tachyscope.media;

/** Brings full-range pictures, which some cameras send, into the limited range that I420 has everywhere here. */
final class FullRange {
    private static final byte[] LUMA = table(219, 16, 0);
    private static final byte[] CHROMA = table(224, 128, 128);

    private FullRange() {}

    /** Changes {@code lumaBytes} of luma and then chroma up to {@code bytes} in place. */
    static void compress(byte[] i420, int lumaBytes, int bytes) {
        for (int i = 0; i < lumaBytes; i++) {
            i420[i] = LUMA[i420[i] & 0xff];
        }
        for (int i = lumaBytes; i < bytes; i++) {
            i420[i] = CHROMA[i420[i] & 0xff];
        }
    }

    private static byte[] table(int range, int zeroAt, int zero) {
        byte[] table = new byte[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) Math.round(zeroAt + (i - zero) * range / 255.0);
        }
        return table;
    }
}
