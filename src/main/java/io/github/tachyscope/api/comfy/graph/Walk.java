package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes from outputs to all that they need, each node once, and finds out which of them are right: a node is if its own
 * inputs are, and all that it needs. Keeps its way on a list, so that no chain is too long for it.
 */
final class Walk {
    /** Most nodes whose problems are told, and most ids in a list about one of them; protects the size of replies. */
    static final int MOST_TOLD = 100;

    private final Map<String, Entry> entries;
    private final InputCheck check;
    private final Map<String, Visit> visits = new LinkedHashMap<>();
    private int cycles;

    Walk(Map<String, Entry> entries, InputCheck check) {
        this.entries = entries;
        this.check = check;
    }

    /** A node that was come to. */
    private static final class Visit {
        final Node node;
        final List<NodeProblem> problems;
        final List<Map.Entry<String, Link>> links;
        int next;
        boolean open = true;
        boolean right;

        Visit(InputCheck.Result result) {
            node = result.node();
            problems = new ArrayList<>(result.problems());
            links = List.copyOf(node.links().entrySet());
            right = problems.isEmpty();
        }
    }

    /** Whether an output and all that it needs is right. */
    boolean isRight(String output) {
        if (!visits.containsKey(output)) {
            visit(output);
        }
        return visits.get(output).right;
    }

    private void visit(String output) {
        Deque<Visit> path = new ArrayDeque<>();
        path.push(begin(output));
        while (!path.isEmpty()) {
            Visit at = path.peek();
            if (at.next == at.links.size()) {
                at.open = false;
                path.pop();
                Optional.ofNullable(path.peek()).ifPresent(above -> above.right &= at.right);
                continue;
            }
            Map.Entry<String, Link> input = at.links.get(at.next++);
            Visit below = visits.get(input.getValue().node());
            if (below == null) {
                path.push(begin(input.getValue().node()));
            } else if (below.open) {
                at.right = false;
                cycle(at, input.getKey(), below, path);
            } else {
                at.right &= below.right;
            }
        }
    }

    private Visit begin(String id) {
        Visit visit = new Visit(check.check(entries.get(id)));
        visits.put(id, visit);
        return visit;
    }

    private void cycle(Visit at, String input, Visit back, Deque<Visit> path) {
        if (++cycles > MOST_TOLD) {
            return;
        }
        ObjectNode extra = NodeProblem.object().put("input_name", input).put("node_id", at.node.id());
        ArrayNode ids = extra.putArray("cycle_nodes");
        for (Visit visit : path) {
            if (ids.size() == MOST_TOLD) {
                break;
            }
            ids.add(visit.node.id());
            if (visit == back) {
                break;
            }
        }
        String details = input + ": node " + NodeProblem.quoted(back.node.id()) + " needs this node itself";
        at.problems.add(new NodeProblem("dependency_cycle", "Nodes need each other in a circle", details, extra));
    }

    /** The nodes that have problems of their own, in the order in which they were found. */
    List<Node> troubled() {
        return visits.values().stream()
                .filter(visit -> !visit.problems.isEmpty())
                .limit(MOST_TOLD)
                .map(visit -> visit.node)
                .toList();
    }

    List<NodeProblem> problems(Node node) {
        return visits.get(node.id()).problems;
    }

    /** All nodes that were come to and are right. */
    Map<String, Node> right() {
        Map<String, Node> right = new LinkedHashMap<>();
        visits.forEach((id, visit) -> {
            if (visit.right) {
                right.put(id, visit.node);
            }
        });
        return right;
    }

    /** Who has a link to each node. */
    Map<String, List<Node>> users() {
        Map<String, List<Node>> users = new LinkedHashMap<>();
        visits.values()
                .forEach(visit -> visit.node
                        .links()
                        .values()
                        .forEach(link -> users.computeIfAbsent(link.node(), id -> new ArrayList<>())
                                .add(visit.node)));
        return users;
    }

    /** Outputs that need a node, itself included. */
    static List<String> outputsOf(Node node, Map<String, List<Node>> users) {
        Set<String> seen = new HashSet<>(Set.of(node.id()));
        Deque<Node> ahead = new ArrayDeque<>(List.of(node));
        List<String> outputs = new ArrayList<>();
        while (!ahead.isEmpty() && outputs.size() < MOST_TOLD) {
            Node next = ahead.remove();
            if (next.type().saves()) {
                outputs.add(next.id());
            }
            users.getOrDefault(next.id(), List.of()).stream()
                    .filter(user -> seen.add(user.id()))
                    .forEach(ahead::add);
        }
        return outputs;
    }
}
