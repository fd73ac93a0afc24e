package org.example.kaleidoscope;

import io.github.tachyscope.frame.VideoFrame;

/**
 * Where each pixel of the output comes from, for one size and look. Made once and used until one of them changes.
 *
 * <p>Pictures are I420: a plane of brightness, then two planes of colour with half the width and height, centred at 128.
 */
final class Mirrors {
    private static final int GREY = 128;
    private static final int BLACK = 16;

    private final int width;
    private final int height;
    private final Look look;
    private final int[] brightness;
    private final int[] colour;
    private final double edge;

    private Mirrors(int width, int height, Look look, double edge) {
        this.width = width;
        this.height = height;
        this.look = look;
        this.edge = edge;
        this.brightness = sources(width, height, look);
        this.colour = sources((width + 1) / 2, (height + 1) / 2, look);
    }

    /** @param edge brightness, 0 to 1, of what lies outside the round picture */
    static Mirrors of(int width, int height, Look look, double edge) {
        return new Mirrors(width, height, look, edge);
    }

    boolean fit(VideoFrame frame, Look wanted) {
        return frame.width() == width && frame.height() == height && wanted.equals(look);
    }

    /** For each pixel of a plane its source in the same plane. */
    private static int[] sources(int width, int height, Look look) {
        int[] sources = new int[width * height];
        double middleX = (width - 1) / 2.0;
        double middleY = (height - 1) / 2.0;
        double segment = 2 * Math.PI / look.segments();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double fromMiddle = Math.hypot(x - middleX, y - middleY) / look.zoom();
                double around = Math.atan2(y - middleY, x - middleX) - look.angle();
                double inside = around - Math.floor(around / segment) * segment;
                if (look.mirrored() && inside > segment / 2) {
                    inside = segment - inside;
                }
                double direction = inside + look.angle();
                int sourceX = within(middleX + fromMiddle * Math.cos(direction), width);
                int sourceY = within(middleY + fromMiddle * Math.sin(direction), height);
                sources[y * width + x] = sourceY * width + sourceX;
            }
        }
        return sources;
    }

    private static int within(double position, int size) {
        return (int) Math.max(0, Math.min(size - 1, Math.round(position)));
    }

    void reflect(byte[] input, byte[] output) {
        for (int i = 0; i < brightness.length; i++) {
            output[i] = input[brightness[i]];
        }
        if (edge < 1) {
            darkenEdge(output);
        }
        int blue = brightness.length;
        int red = blue + colour.length;
        double cosine = Math.cos(look.hue());
        double sine = Math.sin(look.hue());
        for (int i = 0; i < colour.length; i++) {
            int u = (input[blue + colour[i]] & 0xff) - GREY;
            int v = (input[red + colour[i]] & 0xff) - GREY;
            output[blue + i] = colour(u * cosine - v * sine);
            output[red + i] = colour(u * sine + v * cosine);
        }
    }

    private void darkenEdge(byte[] output) {
        double radius = Math.min(width, height) / 2.0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (Math.hypot(x - (width - 1) / 2.0, y - (height - 1) / 2.0) > radius) {
                    int i = y * width + x;
                    output[i] = (byte) Math.round(BLACK + ((output[i] & 0xff) - BLACK) * edge);
                }
            }
        }
    }

    private static byte colour(double distance) {
        return (byte) Math.max(0, Math.min(255, Math.round(GREY + distance)));
    }
}
