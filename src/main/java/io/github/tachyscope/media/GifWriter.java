package io.github.tachyscope.media;

import io.github.tachyscope.frame.VideoFrame;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;

/**
 * An animated GIF that loops for ever, each frame with the 256 colours that suit it best, by the encoder of the JDK.
 * Frames go to the file one by one. Used by one thread at a time.
 */
public final class GifWriter implements FrameFile {
    /** Browsers show shorter frames ten times as long. */
    public static final int MAX_FPS = 50;

    public static final double MIN_FPS = 0.01;

    private static final String FORMAT = "javax_imageio_gif_image_1.0";
    private static final byte[] LOOP_FOR_EVER = {1, 0, 0};

    private final double fps;
    private final ImageWriter writer;
    private final ImageOutputStream out;
    private long frames;
    private boolean closed;

    private GifWriter(Path target, double fps) throws IOException {
        this.fps = fps;
        // The stream keeps what is in the file already.
        Files.deleteIfExists(target);
        this.out = ImageIO.createImageOutputStream(target.toFile());
        this.writer = ImageIO.getImageWritersByFormatName("gif").next();
        writer.setOutput(out);
        writer.prepareWriteSequence(null);
    }

    /**
     * @param fps {@link #MIN_FPS} to {@link #MAX_FPS}; frames last whole hundredths of a second, exact on average
     */
    public static GifWriter open(Path target, double fps) throws IOException {
        if (!(fps >= MIN_FPS && fps <= MAX_FPS)) {
            throw new IllegalArgumentException(fps + " fps; a GIF allows " + MIN_FPS + " to " + MAX_FPS);
        }
        return new GifWriter(target, fps);
    }

    @Override
    public void add(VideoFrame frame) throws IOException {
        if (closed) {
            throw new IllegalStateException("writer is closed");
        }
        BufferedImage image = FrameImage.of(frame);
        IIOMetadata metadata = writer.getDefaultImageMetadata(
                ImageTypeSpecifier.createFromRenderedImage(image), writer.getDefaultWriteParam());
        metadata.mergeTree(FORMAT, description());
        writer.writeToSequence(new IIOImage(image, null, metadata), writer.getDefaultWriteParam());
        frames++;
    }

    private IIOMetadataNode description() {
        long hundredths = Math.round((frames + 1) * 100.0 / fps) - Math.round(frames * 100.0 / fps);
        IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Long.toString(hundredths));
        control.setAttribute("transparentColorIndex", "0");
        IIOMetadataNode root = new IIOMetadataNode(FORMAT);
        root.appendChild(control);
        if (frames == 0) {
            IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
            loop.setAttribute("applicationID", "NETSCAPE");
            loop.setAttribute("authenticationCode", "2.0");
            loop.setUserObject(LOOP_FOR_EVER);
            IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
            extensions.appendChild(loop);
            root.appendChild(extensions);
        }
        return root;
    }

    @Override
    public void finish() throws IOException {
        if (frames == 0 || closed) {
            throw new IllegalStateException("nothing to finish");
        }
        writer.endWriteSequence();
        close();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            out.close();
        } finally {
            writer.dispose();
        }
    }
}
