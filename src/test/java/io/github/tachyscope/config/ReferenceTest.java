package io.github.tachyscope.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds {@code reference.conf}, the settings records and the environment variables together. */
class ReferenceTest {
    private final Config reference = Settings.defaults();
    private final KnownKeys known = new KnownKeys(reference);

    @Test
    void everyKeyIsReadAndEveryReadKeyStandsThere() {
        Section root = Section.root(reference, reference);
        Settings.from(root);
        assertEquals(List.of(), root.problems());
        assertEquals(new TreeSet<>(known.leaves()), new TreeSet<>(root.read()));
    }

    @Test
    void everyKeyHasACommentAboveIt() throws IOException {
        Map<String, String> comments = comments();
        // Behind our section the file also names the threads of the actors.
        comments.keySet().removeIf(key -> key.startsWith("tachyscope-"));
        assertEquals(new TreeSet<>(known.leaves()), comments.keySet());
        comments.forEach((key, comment) -> assertFalse(comment.isBlank(), key));
    }

    @Test
    void everyVariableIsNamedAboveItsKeyAndNoOtherIs() throws IOException {
        Map<String, String> named = new TreeMap<>();
        Pattern environment = Pattern.compile("Environment: (\\w+)\\.");
        comments()
                .forEach((key, comment) ->
                        environment.matcher(comment).results().forEach(found -> named.put(found.group(1), key)));
        assertEquals(new TreeMap<>(Environment.KEYS), named);
    }

    @Test
    void distanceCountsEditsOfOneCharacter() {
        assertEquals(0, KnownKeys.distance("port", "port"));
        assertEquals(2, KnownKeys.distance("port", "prot"));
        assertEquals(3, KnownKeys.distance("kitten", "sitting"));
        assertEquals(4, KnownKeys.distance("", "port"));
    }

    @Test
    void freeSectionsExist() {
        assertTrue(known.leaves().containsAll(KnownKeys.FREE));
    }

    /** Key to the comment lines right above it. The parser cannot tell: a substituted value loses its comments. */
    private static Map<String, String> comments() throws IOException {
        Map<String, String> comments = new TreeMap<>();
        Deque<String> sections = new ArrayDeque<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("src/main/resources/reference.conf"))) {
            String text = line.strip();
            if (text.startsWith("#")) {
                comment.append(text.substring(1));
                continue;
            }
            String name = text.split(" ")[0];
            if (text.endsWith("{}") || text.contains(" = ")) {
                comments.put(String.join(".", sections) + "." + name, comment.toString());
            } else if (text.endsWith("{")) {
                sections.addLast(name);
            } else if (text.equals("}")) {
                sections.removeLast();
            }
            comment.setLength(0);
        }
        return comments;
    }
}
