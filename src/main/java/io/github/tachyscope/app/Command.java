package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import java.util.List;

/** One of the things the program can do. Returns when it is done: for the server, when it was stopped. */
@FunctionalInterface
interface Command {
    /**
     * Does it.
     *
     * @param arguments what followed the command's name and was not understood as a setting
     */
    ExitCode run(Configuration configuration, List<String> arguments) throws Exception;
}
