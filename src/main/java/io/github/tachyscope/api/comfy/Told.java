package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.ResultFile;
import java.util.List;

/** Something that clients are told of a prompt. */
sealed interface Told {

    /** @param toAll whether everybody hears it, or only who asked for the prompt */
    record Text(ObjectNode message, boolean toAll) implements Told {}

    /**
     * What a sampler has so far.
     *
     * @param jpegs first the still; where there are more, one for each frame of the video
     */
    record Preview(String prompt, String node, List<byte[]> jpegs) implements Told {
        public Preview {
            jpegs = List.copyOf(jpegs);
        }
    }

    /** A picture that was asked for over the socket. */
    record Picture(ResultFile file) implements Told {}
}
