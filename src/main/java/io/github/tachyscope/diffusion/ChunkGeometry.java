package io.github.tachyscope.diffusion;

/**
 * How many frames one chunk takes and makes, and how many chunks a generation works on at a time.
 *
 * @param firstFramesIn frames that the first chunk takes, 0 in text mode
 * @param framesIn frames that each later chunk takes, 0 in text mode
 * @param firstFramesOut frames that the first chunk makes
 * @param framesOut frames that each later chunk makes
 * @param inFlight most chunks under way at a time; with more than 1 the steps of neighbouring chunks overlap on
 *     different lanes, see {@link Generation}
 */
public record ChunkGeometry(int firstFramesIn, int framesIn, int firstFramesOut, int framesOut, int inFlight) {
    /** Chunks under way are frames of delay for a live viewer; there is no use for more than one per lane. */
    private static final int MOST_IN_FLIGHT = Lane.values().length;

    /** One frame in, one frame out. */
    public static final ChunkGeometry FRAME_WISE = new ChunkGeometry(1, 1, 1, 1);

    public ChunkGeometry {
        if (firstFramesIn < 0 || framesIn < 0 || firstFramesOut < 1 || framesOut < 1) {
            throw new IllegalArgumentException("chunk geometry " + firstFramesIn + "/" + framesIn + " in, "
                    + firstFramesOut + "/" + framesOut + " out");
        }
        if (inFlight < 1 || inFlight > MOST_IN_FLIGHT) {
            throw new IllegalArgumentException(inFlight + " chunks in flight; allowed are 1 to " + MOST_IN_FLIGHT);
        }
    }

    /** One chunk at a time. */
    public ChunkGeometry(int firstFramesIn, int framesIn, int firstFramesOut, int framesOut) {
        this(firstFramesIn, framesIn, firstFramesOut, framesOut, 1);
    }

    /** The same frames with so many chunks under way at a time. */
    public ChunkGeometry overlapping(int chunks) {
        return new ChunkGeometry(firstFramesIn, framesIn, firstFramesOut, framesOut, chunks);
    }

    /** How many chunks make so many frames, 1 at least. */
    public long chunks(long frames) {
        long later = Math.max(0, frames - firstFramesOut);
        return 1 + (later + framesOut - 1) / framesOut;
    }

    public int framesIn(long chunkIndex) {
        return chunkIndex == 0 ? firstFramesIn : framesIn;
    }

    public int framesOut(long chunkIndex) {
        return chunkIndex == 0 ? firstFramesOut : framesOut;
    }
}
