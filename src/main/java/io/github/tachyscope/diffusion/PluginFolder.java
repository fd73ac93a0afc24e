package io.github.tachyscope.diffusion;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The folder that plugins are put into: its jars, not those of folders in it. */
final class PluginFolder {
    static final String SUFFIX = ".jar";

    /** A folder with more is not one of plugins but a mistake in the settings; it stops the start. */
    private static final int MOST_JARS = 100;

    private PluginFolder() {}

    /**
     * The jars in the order of their names, so that each start finds the same. None if there is no such folder.
     *
     * @throws IllegalArgumentException if it is not a folder that we can read
     */
    static List<Path> jars(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(PluginFolder::isJar)
                    .sorted()
                    .limit(MOST_JARS + 1L)
                    .toList();
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "tachyscope.pipelines.plugins-dir: " + folder + " is not a directory that we can read");
        }
        if (jars.size() > MOST_JARS) {
            throw new IllegalArgumentException("tachyscope.pipelines.plugins-dir: " + folder + " holds more than "
                    + MOST_JARS + " jars and is no directory of plugins");
        }
        return jars;
    }

    private static boolean isJar(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(SUFFIX) && Files.isRegularFile(file);
    }
}
