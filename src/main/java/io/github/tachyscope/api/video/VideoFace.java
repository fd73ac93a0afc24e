package io.github.tachyscope.api.video;

import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Face;
import java.util.List;
import java.util.stream.Stream;

/** All endpoints under {@code /v1} that answer without a socket of their own. */
public final class VideoFace implements Face {
    /** Under which jobs are in the log. */
    static final String NAME = "video";

    private final VideoParts parts;

    public VideoFace(VideoParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Endpoint> endpoints() {
        ServedModel model = new ServedModel(parts.settings(), parts.desk());
        Orders orders = new Orders(parts, model);
        Shown shown = new Shown(parts.desk());
        return Stream.of(
                        new VideoRoutes(parts, orders, shown).endpoints(),
                        new ContentRoutes(parts.desk()).endpoints(),
                        new SyncRoutes(parts, orders).endpoints(),
                        new ModelRoutes(model).endpoints())
                .flatMap(List::stream)
                .toList();
    }
}
