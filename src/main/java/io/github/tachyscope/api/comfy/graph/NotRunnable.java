package io.github.tachyscope.api.comfy.graph;

/** A graph is right node by node, but of a shape that cannot run here; the message is fit for the client. */
public final class NotRunnable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String node;
    private final String nodeType;

    NotRunnable(Node node, String message) {
        super(message, null, false, false);
        this.node = node.id();
        this.nodeType = node.type().name();
    }

    /** The id of the node at which it ends. */
    public String node() {
        return node;
    }

    /** The class of that node. */
    public String nodeType() {
        return nodeType;
    }
}
