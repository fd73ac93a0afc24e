package io.github.tachyscope.config;

import com.typesafe.config.Config;

/** Says where a value stands: the file and line, the option, the property or the variable. */
final class Origins {
    private Origins() {}

    static String of(Config config, String path) {
        return config.hasPathOrNull(path) && !config.getIsNull(path)
                ? config.getValue(path).origin().description()
                : "no value";
    }
}
