package io.github.tachyscope.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import io.github.tachyscope.config.LoggingSettings;
import io.github.tachyscope.config.Settings;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Applies the settings to what {@code logback.xml} set up, and brings what libraries log elsewhere into it. */
final class Logging {
    private Logging() {}

    static void apply(Settings settings) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            apply(settings, context);
        }
    }

    static void apply(Settings settings, LoggerContext context) {
        if (settings.server().verboseLogging()) {
            context.getLogger("io.github.tachyscope").setLevel(Level.DEBUG);
        }
        if (settings.logging().format() == LoggingSettings.Format.JSON) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().forEachRemaining(appender -> {
                if (appender instanceof OutputStreamAppender<ILoggingEvent> lines) {
                    lines.setEncoder(json(context));
                }
            });
        }
    }

    private static JsonEncoder json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }
}
