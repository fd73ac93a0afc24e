package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.api.RecentLog;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.Plugins;
import io.github.tachyscope.download.ModelDownloads;
import io.github.tachyscope.download.ModelShelf;
import io.github.tachyscope.download.Requests;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.AssetStore;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.store.LoraStore;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What this face needs.
 *
 * @param specs of all pipelines, aliases included
 * @param plugins where those come from that are not the server's own
 * @param shelf what pipelines need, and what of it is there
 * @param requests reads requests for what stands in no catalogue
 * @param restart called once a client was told that the process restarts; must return at once
 * @param clock for the lifetime of TURN credentials
 */
public record ScopeParts(
        Settings settings,
        BuildInfo build,
        ActorRef<Sessions.Command> sessions,
        ActorRef<PipelineRegistry.Command> pipelines,
        JobDesk desk,
        List<PipelineSpec> specs,
        Plugins plugins,
        Supplier<HostInfo> host,
        Runnable restart,
        AssetStore assets,
        LoraStore loras,
        KeyStore keys,
        ModelShelf shelf,
        Requests requests,
        ActorRef<ModelDownloads.Command> downloads,
        RecentLog log,
        Clock clock) {}
