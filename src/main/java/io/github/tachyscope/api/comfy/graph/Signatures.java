package io.github.tachyscope.api.comfy.graph;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Signs nodes by their class and inputs, and by the signatures of the nodes that are linked to them:
 *
 * <pre>
 *   SHA-256( class, for each input: name, value | signature, slot )
 * </pre>
 */
final class Signatures {
    private Signatures() {}

    /**
     * Signs nodes.
     *
     * @param order each behind all that it needs
     * @param fingerprint of a picture by its name
     */
    static Map<String, String> of(Iterable<Node> order, UnaryOperator<String> fingerprint) {
        Map<String, String> signatures = new LinkedHashMap<>();
        for (Node node : order) {
            boolean known = node.links().values().stream().allMatch(link -> signatures.containsKey(link.node()));
            if (known && !node.type().alwaysRuns()) {
                signatures.put(node.id(), sign(node, signatures, fingerprint));
            }
        }
        return signatures;
    }

    private static String sign(Node node, Map<String, String> signatures, UnaryOperator<String> fingerprint) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        add(all, node.type().name());
        for (NodeClass.Input input : node.type().inputs()) {
            String name = input.name();
            add(all, name);
            node.optionalLink(name).ifPresent(link -> {
                add(all, signatures.get(link.node()));
                add(all, "slot " + link.slot());
            });
            Object value = node.values().get(name);
            if (value != null) {
                add(all, value.toString());
                add(all, input.type() instanceof InputType.Picture ? fingerprint.apply(value.toString()) : "");
            }
        }
        return HexFormat.of().formatHex(sha256().digest(all.toByteArray()));
    }

    /** With its length in front, so that no two lists of texts look alike. */
    private static void add(ByteArrayOutputStream all, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        all.writeBytes(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
