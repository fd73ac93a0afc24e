package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.media.ChunkMp4;
import java.util.List;

/**
 * An encoded chunk on its way to the client.
 *
 * @param index of the chunk, from 0
 * @param generateMicros of device time
 */
record Media(long index, ChunkMp4.Chunk mp4, long generateMicros, Interactions.Events events) {
    /** What is said of it before its bytes. */
    ObjectNode metadata(String requestId, long transportIndex) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("type", "video.chunk_metadata")
                .put("request_id", requestId)
                .put("kind", "media")
                .put("transport_chunk_index", transportIndex)
                .put("generation_chunk_index", index)
                .put("num_frames", mp4.frames())
                .put("byte_length", mp4.bytes().length);
        list(json, "started_event_ids", events.started());
        list(json, "active_event_ids", events.active());
        list(json, "completed_event_ids", events.completed());
        return json.put("pts_start", mp4.startMicros() / 1e6)
                .put("pts_end", mp4.endMicros() / 1e6)
                .put("t_generate_ms", generateMicros / 1e3)
                .put("t_encode_ms", mp4.encodeMicros() / 1e3);
    }

    private static void list(ObjectNode json, String name, List<String> ids) {
        ids.forEach(json.putArray(name)::add);
    }
}
