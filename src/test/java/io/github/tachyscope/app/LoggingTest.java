package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.github.tachyscope.config.Settings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    @Test
    void writesOneJsonObjectALineWhenAsked() throws Exception {
        start("tachyscope.logging.format = json");
        context.getLogger("io.github.tachyscope.app").info("hello \"{}\"", "world");
        String line = lines.toString(StandardCharsets.UTF_8);
        assertEquals(1, line.lines().count(), line);
        JsonNode json = new ObjectMapper().readTree(line);
        assertEquals("INFO", json.path("level").asText());
        assertTrue(json.toString().contains("hello"), line);
    }

    @Test
    void writesTextOtherwise() {
        start("");
        context.getLogger("io.github.tachyscope.app").info("hello");
        assertEquals("hello", lines.toString(StandardCharsets.UTF_8).strip());
    }

    @Test
    void verboseMeansOurOwnPackagesOnly() {
        start("tachyscope.server.verbose-logging = true");
        assertTrue(context.getLogger("io.github.tachyscope.session").isDebugEnabled());
        assertFalse(context.getLogger("org.apache.pekko").isDebugEnabled());
    }

    private void start(String config) {
        PatternLayoutEncoder pattern = new PatternLayoutEncoder();
        pattern.setContext(context);
        pattern.setPattern("%msg%n");
        pattern.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(pattern);
        appender.setOutputStream(lines);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(ch.qos.logback.classic.Level.INFO);
        root.addAppender(appender);
        context.setMDCAdapter(new LogbackMDCAdapter());
        context.start();
        Settings settings = Settings.from(ConfigFactory.parseString(config).withFallback(ConfigFactory.load()));
        Logging.apply(settings, context);
    }
}
