package io.github.tachyscope.config;

import com.typesafe.config.Config;

/** All settings, one record per section of {@code tachyscope} in {@code reference.conf}. */
public record Settings(
        ServerSettings server,
        RtcSettings rtc,
        MediaSettings media,
        EngineSettings engine,
        SessionSettings session,
        PipelineSettings pipelines,
        StorageSettings storage) {

    /** Reads the section {@code tachyscope} of a complete configuration. */
    public static Settings from(Config config) {
        Config own = config.getConfig("tachyscope");
        return new Settings(
                ServerSettings.from(own.getConfig("server")),
                RtcSettings.from(own.getConfig("rtc")),
                MediaSettings.from(own.getConfig("media")),
                EngineSettings.from(own.getConfig("engine")),
                SessionSettings.from(own.getConfig("session")),
                PipelineSettings.from(own.getConfig("pipelines")),
                StorageSettings.from(own.getConfig("storage")));
    }
}
