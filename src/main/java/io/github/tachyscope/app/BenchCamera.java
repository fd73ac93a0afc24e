package io.github.tachyscope.app;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pictures as a camera makes them: shapes that move, and noise, so that the codecs have their usual work. */
final class BenchCamera {
    /** Pictures drawn beforehand and shown in turn; drawing in time would cost as much as encoding. */
    private static final int PICTURES = 30;

    private static final int NOISE = 6;
    private static final long SEED = 20_26;

    private final Size size;
    private final List<byte[]> pictures = new ArrayList<>();

    BenchCamera(Size size) {
        this.size = size;
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < PICTURES; i++) {
            pictures.add(draw(i, random));
        }
    }

    private byte[] draw(int index, SplittableRandom random) {
        int width = size.width();
        int height = size.height();
        byte[] data = new byte[PixelFormat.I420.bytes(width, height)];
        double phase = 2 * Math.PI * index / PICTURES;
        double centerX = width * (0.5 + 0.25 * Math.cos(phase));
        double centerY = height * (0.6 + 0.2 * Math.sin(phase));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean disc = Math.hypot(x - centerX, y - centerY) < height * 0.15;
                int shade = disc ? 200 : 60 + 100 * x / width;
                data[y * width + x] = (byte) (shade + random.nextInt(NOISE));
            }
        }
        int chroma = (width / 2) * (height / 2);
        for (int i = 0; i < chroma; i++) {
            data[width * height + i] = (byte) (110 + 40 * (i % (width / 2)) / width);
            data[width * height + chroma + i] = (byte) (130 + 30 * i / chroma);
        }
        return data;
    }

    /** The next picture, with its number written in. */
    VideoFrame picture(int number, long ptsMicros) {
        byte[] data = pictures.get(number % PICTURES).clone();
        FrameNumber.write(data, size.width(), size.height(), number % FrameNumber.VALUES);
        return VideoFrame.of(PixelFormat.I420, size.width(), size.height(), data, ptsMicros);
    }
}
