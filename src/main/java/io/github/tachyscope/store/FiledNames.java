package io.github.tachyscope.store;

import io.github.tachyscope.frame.PictureSize;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of files that are filed together: {@code subfolder/prefix_00042_.png}, the counter above all that are there. */
final class FiledNames {
    private static final String BATCH = "batch_num";
    private static final Pattern VARIABLE = Pattern.compile("%([A-Za-z0-9_.:-]{1,64})%");
    private static final int TEMP_LETTERS = 5;

    private final String subfolder;
    /** With the place of the number in the batch still open. */
    private final String name;

    private FiledNames(String subfolder, String name) {
        this.subfolder = subfolder;
        this.name = name;
    }

    /** @param random for the letters that keep names of temporary files apart */
    static FiledNames of(Filing filing, PictureSize size, LocalDateTime now, RandomGenerator random) {
        Map<String, String> values = new TreeMap<>(Map.of(
                "width", Integer.toString(size.width()),
                "height", Integer.toString(size.height()),
                "year", Integer.toString(now.getYear()),
                "month", two(now.getMonthValue()),
                "day", two(now.getDayOfMonth()),
                "hour", two(now.getHour()),
                "minute", two(now.getMinute()),
                "second", two(now.getSecond())));
        values.putAll(filing.variables());
        String filled = VARIABLE.matcher(filing.prefix())
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), found.group())));
        // As with paths: a slash at the end or a double one says nothing.
        String path = filled.replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
        int slash = path.lastIndexOf('/');
        String last = path.substring(slash + 1);
        return new FiledNames(
                slash < 0 ? "" : path.substring(0, Math.max(slash, 1)),
                filing.folder() == MediaFolder.TEMP ? last + "_temp_" + letters(random) : last);
    }

    private static String two(int number) {
        return String.format(Locale.ROOT, "%02d", number);
    }

    private static String letters(RandomGenerator random) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < TEMP_LETTERS; i++) {
            letters.append((char) ('a' + random.nextInt(26)));
        }
        return letters.toString();
    }

    /** With slashes; empty for the folder itself. */
    String subfolder() {
        return subfolder;
    }

    /**
     * The name without the folder.
     *
     * @param batch position among the files that are filed together, from 0
     * @param extension with its dot
     */
    String name(int batch, long counter, String extension) {
        return name.replace("%" + BATCH + "%", Integer.toString(batch))
                + String.format(Locale.ROOT, "_%05d_", counter)
                + extension;
    }

    /** Above the counters of all files of that prefix, whatever their extension; 1 without any. */
    long nextCounter(Path folder) throws IOException {
        String quoted = Pattern.quote(name).replace("%" + BATCH + "%", "\\E\\d+\\Q");
        Pattern numbered = Pattern.compile(quoted + "_(\\d{1,15})_.*", Pattern.DOTALL);
        long highest = 0;
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Matcher name = numbered.matcher(file.getFileName().toString());
                    if (name.matches()) {
                        highest = Math.max(highest, Long.parseLong(name.group(1)));
                    }
                }
            }
        }
        return highest + 1;
    }
}
