package io.github.tachyscope.api.comfy;

/** A graph ends at a node that cannot run here; the message is fit for the client. */
final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient PromptNotes.Blocked at;

    Stopped(String node, String type, String message) {
        super(message, null, false, false);
        this.at = new PromptNotes.Blocked(node, type, message);
    }

    PromptNotes.Blocked at() {
        return at;
    }
}
