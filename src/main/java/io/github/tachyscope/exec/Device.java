package io.github.tachyscope.exec;

import java.util.List;

/**
 * Something that runs steps.
 *
 * @param name unique on this machine, such as {@code cpu} or {@code cuda:0}
 * @param memoryBytes what weights and sessions may take together
 */
public record Device(String name, Kind kind, long memoryBytes) {
    public enum Kind {
        CPU,
        CUDA
    }

    /** The processor, with as much memory as the heap may grow to. */
    public static Device cpu() {
        return new Device("cpu", Kind.CPU, Runtime.getRuntime().maxMemory());
    }

    /** The devices of this machine. */
    public static List<Device> discover() {
        return List.of(cpu());
    }
}
