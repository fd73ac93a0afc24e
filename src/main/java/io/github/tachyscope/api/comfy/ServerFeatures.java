package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What this server can do beyond what every client knows. */
final class ServerFeatures {
    private ServerFeatures() {}

    static ObjectNode json(long maxUploadBytes) {
        return Messages.object()
                .put("supports_preview_metadata", true)
                .put("supports_animated_preview", true)
                .put("max_upload_size", maxUploadBytes);
    }
}
