package io.github.tachyscope.diffusion;

import java.util.function.Supplier;

/**
 * The way into a plugin's code: while it runs, the thread's class loader is the plugin's, and an {@link Error} that it
 * throws, such as a class that is missing, comes out as an exception. To the executor an error is the device's; an error
 * of a plugin costs its own session only.
 *
 * @param plugin for messages
 */
record PluginDoor(String plugin, ClassLoader loader) {
    /** An error of the plugin. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Broken(String plugin, Error cause) {
            super("plugin " + plugin + ": " + cause, cause);
        }
    }

    <T> T enter(Supplier<T> code) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return code.get();
        } catch (OutOfMemoryError everybodys) {
            throw everybodys;
        } catch (Error broken) {
            throw new Broken(plugin, broken);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    void run(Runnable code) {
        enter(() -> {
            code.run();
            return code;
        });
    }
}
