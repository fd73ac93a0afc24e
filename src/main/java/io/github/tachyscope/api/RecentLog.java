package io.github.tachyscope.api;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** The last lines of the log, kept in memory for clients that cannot read the server's console. */
public final class RecentLog extends AppenderBase<ILoggingEvent> {
    /** Lines kept; older ones are forgotten. */
    private static final int MAX_LINES = 5000;

    /** Longest line kept, in characters; the rest is cut off. */
    private static final int MAX_LENGTH = 2000;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    private long first;

    private RecentLog() {}

    /** Starts to keep what all loggers write. */
    public static RecentLog install() {
        RecentLog log = new RecentLog();
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            log.setContext(context);
            log.encoder.setContext(context);
            log.encoder.setPattern(
                    "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %-22logger{0} %X{session:--} %msg%n%ex{short}");
            log.encoder.start();
            log.start();
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(log);
        }
        return log;
    }

    @Override
    public void stop() {
        if (getContext() instanceof LoggerContext context) {
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).detachAppender(this);
        }
        super.stop();
    }

    @Override
    protected void append(ILoggingEvent event) {
        String text = new String(encoder.encode(event), StandardCharsets.UTF_8);
        text.lines().filter(line -> !line.isBlank()).forEach(this::add);
    }

    private synchronized void add(String line) {
        lines.addLast(line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) : line);
        if (lines.size() > MAX_LINES) {
            lines.removeFirst();
            first++;
        }
    }

    /**
     * The newest lines.
     *
     * @param since number of the first line wanted; older ones are left out
     */
    public synchronized Tail tail(long since, int most) {
        long end = first + lines.size();
        // A number from before a restart means nothing any more.
        long from = since > end ? first : Math.max(since, first);
        from = Math.max(from, end - most);
        return new Tail(new ArrayList<>(lines).subList((int) (from - first), lines.size()), end);
    }

    /**
     * A part of the log.
     *
     * @param offset pass as {@code since} to get only what comes later
     */
    public record Tail(List<String> lines, long offset) {}
}
