package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Face;
import java.util.List;
import java.util.stream.Stream;

/** All endpoints of the Scope-compatible API. */
public final class ScopeFace implements Face {
    private final ScopeParts parts;

    public ScopeFace(ScopeParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Endpoint> endpoints() {
        Catalogue catalogue = new Catalogue(parts.specs(), parts.plugins());
        return Stream.of(
                        new HostRoutes(parts).endpoints(),
                        new PipelineRoutes(parts, catalogue).endpoints(),
                        new ModelRoutes(parts, catalogue).endpoints(),
                        new DownloadRoutes(parts).endpoints(),
                        new SignallingRoutes(parts).endpoints(),
                        new SessionRoutes(parts).endpoints(),
                        new GenerateRoutes(parts).endpoints(),
                        new AssetRoutes(parts.assets()).endpoints(),
                        new LoraRoutes(parts).endpoints(),
                        new WorkflowRoutes(catalogue, parts.loras()).endpoints(),
                        new PluginRoutes(parts).endpoints(),
                        new KeyRoutes(parts.keys(), parts.settings().credentials()).endpoints(),
                        new PeripheryRoutes().endpoints())
                .flatMap(List::stream)
                .toList();
    }
}
