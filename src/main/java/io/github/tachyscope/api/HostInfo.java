package io.github.tachyscope.api;

import java.util.List;
import java.util.Optional;

/**
 * Where the server listens and what it computes on.
 *
 * @param address for people and the page, such as {@code http://127.0.0.1:8000}
 */
public record HostInfo(String address, List<Device> devices) {
    /**
     * One device.
     *
     * @param id such as {@code cuda:0}
     * @param kind such as {@code cuda} or {@code cpu}
     * @param memory of its own; a processor has none
     */
    public record Device(String id, String name, String kind, Optional<Memory> memory) {}

    /** Device memory in bytes: used, held in reserve by the allocator (used included), and all there is. */
    public record Memory(long allocatedBytes, long reservedBytes, long totalBytes) {}
}
