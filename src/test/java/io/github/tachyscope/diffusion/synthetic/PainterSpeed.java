package io.github.tachyscope.diffusion.synthetic;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;

/** Measures the time of one picture; run by hand. */
final class PainterSpeed {
    private PainterSpeed() {}

    public static void main(String[] arguments) {
        Painter painter = new Painter(512, 512, new FramePool(8));
        int[] field = Painter.fixed(Field.smooth(1, 2), Field.smooth(2, 4), 0.5f);
        Style style = new Style(PromptEncoder.encode("a quiet sea"));
        for (PixelFormat format : PixelFormat.values()) {
            VideoFrame camera = VideoFrame.of(format, 640, 480, new byte[format.bytes(640, 480)], 0);
            VideoFrame same = VideoFrame.of(PixelFormat.I420, 512, 512, new byte[512 * 512 * 3 / 2], 0);
            for (int round = 0; round < 4; round++) {
                long start = System.nanoTime();
                for (int i = 0; i < 200; i++) {
                    painter.restyle(round % 2 == 0 ? camera : same, field, style, 0.5)
                            .release();
                }
                long middle = System.nanoTime();
                for (int i = 0; i < 200; i++) {
                    painter.paint(field, style, 0).release();
                }
                System.out.printf(
                        "%s %s: restyle %.2f ms, paint %.2f ms%n",
                        format,
                        round % 2 == 0 ? "640x480" : "same size I420",
                        (middle - start) / 200e6,
                        (System.nanoTime() - middle) / 200e6);
            }
        }
    }
}
