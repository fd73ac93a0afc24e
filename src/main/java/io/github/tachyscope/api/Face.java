package io.github.tachyscope.api;

import java.util.List;

/** One dialect of the API: a set of endpoints. */
@FunctionalInterface
public interface Face {
    List<Endpoint> endpoints();
}
