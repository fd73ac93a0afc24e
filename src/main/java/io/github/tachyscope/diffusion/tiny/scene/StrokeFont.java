package io.github.tachyscope.diffusion.tiny.scene;

import java.util.List;
import java.util.Map;

/**
 * Letters and digits as pen strokes on a grid of 5 x 7 points. A stroke is a run of points, each a column digit and a
 * row digit, row 0 at the top; strokes are separated by blanks.
 */
final class StrokeFont {
    private static final Map<Character, String> GLYPHS = Map.ofEntries(
            Map.entry('A', "062046 1333"),
            Map.entry('B', "060030414233033344453606"),
            Map.entry('C', "4130100105163645"),
            Map.entry('D', "000626444220 0020"),
            Map.entry('E', "40000646 0333"),
            Map.entry('F', "400006 0333"),
            Map.entry('G', "413010010516364543 2343"),
            Map.entry('H', "0006 4046 0343"),
            Map.entry('I', "2026 1030 1636"),
            Map.entry('J', "4045361605"),
            Map.entry('K', "0006 400346"),
            Map.entry('L', "000646"),
            Map.entry('M', "0600234046"),
            Map.entry('N', "06004640"),
            Map.entry('O', "100105163645413010"),
            Map.entry('P', "06003041423303"),
            Map.entry('Q', "100105163645413010 2446"),
            Map.entry('R', "06003041423303 2346"),
            Map.entry('S', "413010010213334445361605"),
            Map.entry('T', "0040 2026"),
            Map.entry('U', "000516364540"),
            Map.entry('V', "002640"),
            Map.entry('W', "0016233640"),
            Map.entry('X', "0046 4006"),
            Map.entry('Y', "002340 2326"),
            Map.entry('Z', "00400646"),
            Map.entry('0', "100105163645413010 3115"),
            Map.entry('1', "112026 1636"),
            Map.entry('2', "011030414206 0646"),
            Map.entry('3', "01103041423313 334445361605"),
            Map.entry('4', "36300444"),
            Map.entry('5', "400003334445361605"),
            Map.entry('6', "40100105163645443303"),
            Map.entry('7', "004016"),
            Map.entry('8', "100102133342413010 1304051636454433"),
            Map.entry('9', "0636454130100102133342"));

    private StrokeFont() {}

    static String characters() {
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    }

    /** The pen strokes of a character; none for a blank. */
    static List<String> strokes(char character) {
        String glyph = GLYPHS.get(character);
        return glyph == null ? List.of() : List.of(glyph.split(" "));
    }

    /** Writes one character into the unit square below and right of the origin. */
    static void write(Canvas at, char character, float radius, Paint ink) {
        for (String stroke : strokes(character)) {
            float[] points = new float[stroke.length()];
            for (int i = 0; i < points.length; i += 2) {
                points[i] = (stroke.charAt(i) - '0') / 4f * 0.62f;
                points[i + 1] = (stroke.charAt(i + 1) - '0') / 6f;
            }
            at.trace(points, radius, ink);
        }
    }
}
