package io.github.tachyscope.session.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** What a job does: its plans, one after the other. */
public record JobWork(List<JobPlan> plans) {
    /** Most plans of one job; protects the queue from one that never ends. */
    public static final int MAX_PLANS = 16;

    private static final String PLANS = "plans";
    private static final ObjectMapper JSON = new ObjectMapper();

    public JobWork {
        plans = List.copyOf(plans);
        if (plans.isEmpty() || plans.size() > MAX_PLANS) {
            throw new IllegalArgumentException(plans.size() + " plans; allowed are 1 to " + MAX_PLANS);
        }
    }

    public static JobWork of(JobPlan plan) {
        return new JobWork(List.of(plan));
    }

    /** Frames of all plans. */
    public long frames() {
        return plans.stream().mapToLong(JobPlan::frames).sum();
    }

    /** Whether there is a video that can be watched while it grows. */
    public boolean makesMp4() {
        return plans.stream().anyMatch(plan -> plan.keep().stream().anyMatch(Keep.Mp4.class::isInstance));
    }

    /** For keeping; {@link #parse} reads it. */
    public String toJson() {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode each = json.putArray(PLANS);
        plans.forEach(plan -> each.add(plan.toJson()));
        return json.toString();
    }

    /**
     * What {@link #toJson} wrote; also a lone plan, as requests were stored before jobs had several.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static JobWork parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("not the work of a job", broken);
        }
        if (!json.has(PLANS)) {
            return of(JobPlan.fromJson(json));
        }
        List<JobPlan> plans = new ArrayList<>();
        json.path(PLANS).forEach(plan -> plans.add(JobPlan.fromJson(plan)));
        return new JobWork(plans);
    }
}
