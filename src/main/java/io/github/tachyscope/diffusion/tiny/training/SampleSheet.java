package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/** Pictures in rows and columns, as a PNG to look at. */
final class SampleSheet {
    private SampleSheet() {}

    /** @param rows of pictures {@code [1, 3, H, W]} in [0, 1], all of one size */
    static void write(Path path, List<List<Tensor>> rows) {
        long height = rows.get(0).get(0).size(2);
        long width = rows.get(0).get(0).size(3);
        BufferedImage sheet = new BufferedImage(
                (int) width * rows.get(0).size(), (int) height * rows.size(), BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < rows.get(row).size(); column++) {
                draw(sheet, rows.get(row).get(column), (int) (column * width), (int) (row * height));
            }
        }
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            ImageIO.write(sheet, "png", path.toFile());
        } catch (IOException failure) {
            throw new UncheckedIOException("the samples cannot be written to " + path, failure);
        }
    }

    private static void draw(BufferedImage sheet, Tensor picture, int left, int top) {
        int height = (int) picture.size(2);
        int width = (int) picture.size(3);
        float[] rgb = new float[3 * height * width];
        try (TensorScope scope = TensorScope.plain()) {
            Tensor plain = Placement.CPU
                    .place(picture.detach())
                    .contiguous(org.bytedeco.pytorch.global.torch.MemoryFormat.Contiguous);
            new FloatPointer(plain.data_ptr()).get(rgb);
        }
        int plane = height * width;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                int pixel = level(rgb[i]) << 16 | level(rgb[plane + i]) << 8 | level(rgb[2 * plane + i]);
                sheet.setRGB(left + x, top + y, pixel);
            }
        }
    }

    private static int level(float value) {
        return Math.round(255 * Math.min(1, Math.max(0, value)));
    }
}
