package io.github.tachyscope.store;

import java.util.regex.Pattern;

/** Names of files with {@code *} for anything but a slash, such as {@code tokenizer/*}. */
public final class FilePattern {
    private final Pattern pattern;

    public FilePattern(String text) {
        pattern = Pattern.compile(Pattern.quote(text).replace("*", "\\E[^/]*\\Q"), Pattern.DOTALL);
    }

    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }
}
