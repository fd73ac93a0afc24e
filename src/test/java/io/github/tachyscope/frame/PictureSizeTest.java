package io.github.tachyscope.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PictureSizeTest {
    @Test
    void readsAsPeopleWriteIt() {
        assertEquals("640x384", new PictureSize(640, 384).toString());
        assertEquals(640 * 384, new PictureSize(640, 384).pixels());
    }

    @Test
    void isThatOfAPicture() {
        byte[] black = new byte[PixelFormat.RGB24.bytes(6, 4)];
        assertEquals(new PictureSize(6, 4), PictureSize.of(VideoFrame.of(PixelFormat.RGB24, 6, 4, black, 0)));
    }

    @Test
    void refusesWhatNoPictureMayHave() {
        int most = VideoFrame.MAX_DIMENSION;
        for (int[] sides : new int[][] {{0, 8}, {8, 0}, {-1, 8}, {most + 1, 8}, {8, most + 1}}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> new PictureSize(sides[0], sides[1]));
            assertTrue(String.valueOf(refused.getMessage()).contains("1 to " + most), refused.getMessage());
        }
        assertEquals(most * most, new PictureSize(most, most).pixels());
    }
}
