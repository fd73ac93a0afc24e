package io.github.tachyscope.config;

import java.util.List;

/** The configuration cannot be used. Says everything that is wrong with it at once, one line each. */
public final class ConfigProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Serialisable on purpose: exceptions are. */
    private final String[] problems;

    public ConfigProblem(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = problems.toArray(String[]::new);
    }

    /** One line each: key, where it stands, what is wrong, what is allowed. */
    public List<String> problems() {
        return List.of(problems);
    }
}
