package io.github.tachyscope.api.comfy.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order in which nodes without circles run: each behind all that it needs, and no earlier than it is needed. */
final class ExecutionOrder {
    private final Map<String, Node> nodes;
    private final Set<String> seen = new HashSet<>();

    ExecutionOrder(Map<String, Node> nodes) {
        this.nodes = nodes;
    }

    private record Step(String id, Iterator<Link> links) {}

    /** The nodes that these outputs need and that were not in an earlier answer. */
    List<String> upTo(Collection<String> outputs) {
        List<String> order = new ArrayList<>();
        Deque<Step> path = new ArrayDeque<>();
        for (String output : outputs) {
            enter(output, path);
            while (!path.isEmpty()) {
                Step step = path.peek();
                if (step.links().hasNext()) {
                    enter(step.links().next().node(), path);
                } else {
                    order.add(step.id());
                    path.pop();
                }
            }
        }
        return order;
    }

    private void enter(String id, Deque<Step> path) {
        if (seen.add(id)) {
            path.push(new Step(id, nodes.get(id).links().values().iterator()));
        }
    }
}
