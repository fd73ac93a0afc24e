package io.github.tachyscope.config;

/**
 * Which executors there are and how they are restarted; see {@code tachyscope.engine} in {@code reference.conf}.
 *
 * @param cpuExecutors executors that share the processor
 */
public record ExecutorSettings(int cpuExecutors, RestartSettings restart) {
    /** Each has threads and weights of its own; more than the largest machines have use for. */
    private static final int MOST_EXECUTORS = 64;

    static ExecutorSettings from(Section engine) {
        return new ExecutorSettings(
                engine.whole("cpu-executors", 1, MOST_EXECUTORS), RestartSettings.from(engine.section("restart")));
    }
}
