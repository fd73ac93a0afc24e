package io.github.tachyscope.exec;

/** Identity of one generation on one device, unique within the process. */
public record RunId(long value) {
    @Override
    public String toString() {
        return "run-" + value;
    }
}
