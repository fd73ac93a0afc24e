package io.github.tachyscope.api;

import java.util.List;
import java.util.Optional;

/**
 * Where the server listens and what it computes on.
 *
 * @param address for people and the page, such as {@code http://127.0.0.1:8000}
 */
public record HostInfo(String address, List<Device> devices, TensorLibrary tensors) {
    /**
     * One device.
     *
     * @param id such as {@code cuda:0}
     * @param kind such as {@code cuda} or {@code cpu}
     * @param memory of its own; a processor has none
     * @param usableBytes what models and sessions may take there
     * @param formats number formats that it is fast in, the fastest first
     */
    public record Device(
            String id, String name, String kind, Optional<Memory> memory, long usableBytes, List<String> formats) {}

    /** Device memory in bytes: used, held in reserve by the allocator (used included), and all there is. */
    public record Memory(long allocatedBytes, long reservedBytes, long totalBytes) {}

    /**
     * What runs the models.
     *
     * @param version empty if it is not there
     * @param loaded false until the first model needs it
     * @param laneThreads threads that the operations of one lane may use
     * @param precision that models are loaded in
     */
    public record TensorLibrary(String name, String version, boolean loaded, int laneThreads, String precision) {}
}
