package io.github.tachyscope.diffusion;

/**
 * How many frames one chunk takes and makes.
 *
 * @param firstFramesIn frames that the first chunk takes, 0 in text mode
 * @param framesIn frames that each later chunk takes, 0 in text mode
 * @param firstFramesOut frames that the first chunk makes
 * @param framesOut frames that each later chunk makes
 */
public record ChunkGeometry(int firstFramesIn, int framesIn, int firstFramesOut, int framesOut) {
    /** One frame in, one frame out. */
    public static final ChunkGeometry FRAME_WISE = new ChunkGeometry(1, 1, 1, 1);

    public ChunkGeometry {
        if (firstFramesIn < 0 || framesIn < 0 || firstFramesOut < 1 || framesOut < 1) {
            throw new IllegalArgumentException("chunk geometry " + firstFramesIn + "/" + framesIn + " in, "
                    + firstFramesOut + "/" + framesOut + " out");
        }
    }

    public int framesIn(long chunkIndex) {
        return chunkIndex == 0 ? firstFramesIn : framesIn;
    }

    public int framesOut(long chunkIndex) {
        return chunkIndex == 0 ? firstFramesOut : framesOut;
    }
}
