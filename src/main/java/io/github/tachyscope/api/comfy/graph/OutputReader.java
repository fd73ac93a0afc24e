package io.github.tachyscope.api.comfy.graph;

import io.github.tachyscope.api.comfy.graph.OutputNode.Combined;
import io.github.tachyscope.api.comfy.graph.OutputNode.Mp4;
import io.github.tachyscope.api.comfy.graph.OutputNode.Pictures;
import io.github.tachyscope.api.comfy.graph.OutputNode.Preview;
import io.github.tachyscope.api.comfy.graph.OutputNode.Saving;
import io.github.tachyscope.api.comfy.graph.OutputNode.Socket;
import io.github.tachyscope.api.comfy.graph.OutputNode.Webm;
import io.github.tachyscope.api.comfy.graph.OutputNode.Webp;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Reads what outputs keep, and where their frames come from. */
final class OutputReader {
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:");

    private OutputReader() {}

    /** What an output keeps. */
    static OutputNode read(CheckedGraph graph, Node node) {
        return new OutputNode(node.id(), node.type().name(), saving(graph, node));
    }

    /** Where its frames come from. */
    static FrameOrigin origin(CheckedGraph graph, Node node) {
        Node images = node.is("SaveVideo") ? graph.node(node.link("video")) : node;
        return FrameOrigin.of(graph, images.link("images"));
    }

    private static Saving saving(CheckedGraph graph, Node node) {
        return switch (node.type().name()) {
            case "SaveImage" -> new Pictures(prefix(node));
            case "PreviewImage" -> new Preview();
            case "SaveImageWebsocket" -> new Socket();
            case "SaveAnimatedWEBP" ->
                new Webp(
                        prefix(node),
                        node.real("fps"),
                        node.flag("lossless"),
                        node.whole("quality"),
                        node.text("method"));
            case "SaveWEBM" -> new Webm(prefix(node), node.text("codec"), node.real("fps"), node.real("crf"));
            case "SaveVideo" ->
                new Mp4(prefix(node), graph.node(node.link("video")).real("fps"));
            case "VHS_VideoCombine" -> combined(node);
            default -> throw new NotRunnable(node, "This server cannot run outputs of this class");
        };
    }

    private static Saving combined(Node node) {
        if (node.flag("pingpong")) {
            throw new NotRunnable(node, "Videos cannot go back and forth here; set pingpong to false");
        }
        return new Combined(prefix(node), node.real("frame_rate"), node.text("format"), node.flag("save_output"));
    }

    /** A prefix may name folders, but only inside the one that everything goes to. */
    private static String prefix(Node node) {
        String prefix = node.text("filename_prefix");
        boolean outside = prefix.startsWith("/")
                || prefix.indexOf('\\') >= 0
                || DRIVE.matcher(prefix).lookingAt()
                || prefix.chars().anyMatch(Character::isISOControl)
                || Arrays.asList(prefix.split("/")).contains("..");
        if (outside) {
            throw new NotRunnable(
                    node,
                    "filename_prefix " + NodeProblem.quoted(prefix)
                            + " would lead out of the folder; it may name folders in it, as in videos/cat");
        }
        return prefix;
    }
}
