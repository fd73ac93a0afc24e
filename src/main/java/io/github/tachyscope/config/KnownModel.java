package io.github.tachyscope.config;

import java.util.List;
import java.util.Set;

/**
 * A published model that pipelines can use.
 *
 * @param id short name, such as {@code sd-turbo}
 * @param name for people
 * @param kind what it is to its pipelines: {@code checkpoint}, {@code decoder}, {@code unet} or {@code adapter}
 * @param pipelines ids of those that can use it
 * @param neededBy those of them that cannot start without it
 * @param repository {@code owner/name} on the hub
 * @param files patterns of the files that are needed; {@code *} stands for anything but a slash
 * @param approximateBytes of all these files together
 * @param memoryBytes that the weights take on a device, approximately
 */
public record KnownModel(
        String id,
        String name,
        String kind,
        List<String> pipelines,
        Set<String> neededBy,
        String repository,
        String revision,
        List<String> files,
        long approximateBytes,
        String licence,
        long memoryBytes) {}
