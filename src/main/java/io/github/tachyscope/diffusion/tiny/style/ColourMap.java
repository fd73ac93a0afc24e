package io.github.tachyscope.diffusion.tiny.style;

import java.util.List;

/** A piecewise linear map from grey to colour. */
record ColourMap(List<Stop> stops) {
    /** The colour at one grey value. */
    record Stop(double grey, double red, double green, double blue) {}

    ColourMap {
        stops = List.copyOf(stops);
        if (stops.size() < 2) {
            throw new IllegalArgumentException("a colour map needs two stops");
        }
        for (int i = 1; i < stops.size(); i++) {
            if (stops.get(i).grey <= stops.get(i - 1).grey) {
                throw new IllegalArgumentException("stops must rise: " + stops);
            }
        }
    }

    /** Stops at equal distances from 0 to 1, each written as 0xRRGGBB. */
    static ColourMap even(int... colours) {
        Stop[] stops = new Stop[colours.length];
        for (int i = 0; i < colours.length; i++) {
            stops[i] = stop((double) i / (colours.length - 1), colours[i]);
        }
        return new ColourMap(List.of(stops));
    }

    static Stop stop(double grey, int colour) {
        return new Stop(grey, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
    }

    Canvas paint(Canvas grey) {
        return Canvas.scoped(() -> {
            Stop first = stops.get(0);
            Canvas picture = grey.colour(first.red, first.green, first.blue);
            for (int i = 1; i < stops.size(); i++) {
                Stop low = stops.get(i - 1);
                Stop high = stops.get(i);
                Canvas share =
                        grey.plus(-low.grey).times(1 / (high.grey - low.grey)).clip();
                picture = picture.plus(
                        share.times(grey.colour(high.red - low.red, high.green - low.green, high.blue - low.blue)));
            }
            return picture;
        });
    }
}
