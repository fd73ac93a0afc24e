package io.github.tachyscope.download;

import java.net.URI;
import java.util.List;

/** Where files come from, and where they go. */
public sealed interface Source {
    /** Folder below that of all models. */
    String folder();

    /**
     * Files of a repository on the hub.
     *
     * @param files patterns; empty for those that {@link FileChoice} takes
     */
    record Repository(String repository, String revision, List<String> files) implements Source {
        @Override
        public String folder() {
            return repository;
        }
    }

    /** One file at an address. */
    record Single(URI address, String name) implements Source {
        @Override
        public String folder() {
            int dot = name.lastIndexOf('.');
            return "single/" + (dot > 0 ? name.substring(0, dot) : name);
        }
    }
}
