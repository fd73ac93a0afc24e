package io.github.tachyscope.api.video;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Jobs as clients see them: with a size although the pipeline has not said yet which, and a progress that never falls
 * although estimates do.
 */
final class Shown {
    /** Jobs whose progress is remembered; of more the longest unseen are forgotten. Protects memory. */
    private static final int MAX_REMEMBERED = 2000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JobDesk desk;
    private final Map<String, Integer> highest = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    Shown(JobDesk desk) {
        this.desk = desk;
    }

    CompletionStage<ObjectNode> of(Job job) {
        return size(job).thenApply(size -> JobJson.render(job, size, progress(job)));
    }

    CompletionStage<List<ObjectNode>> of(List<Job> jobs) {
        CompletionStage<List<ObjectNode>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Job job : jobs) {
            all = all.thenCombine(of(job), (list, json) -> {
                list.add(json);
                return list;
            });
        }
        return all;
    }

    private int progress(Job job) {
        synchronized (highest) {
            return highest.merge(job.id(), JobJson.progress(job), Math::max);
        }
    }

    /** Until the first picture a job whose size is that of the pipeline has one pixel in the log. */
    private CompletionStage<String> size(Job job) {
        Job.Shape shape = job.shape();
        String known = shape.width() + "x" + shape.height();
        return shape.width() > 1
                ? CompletableFuture.completedFuture(known)
                : desk.request(job.id())
                        .thenApply(request -> request.flatMap(asked -> asked.notes())
                                .map(Shown::noted)
                                .orElse(known));
    }

    private static String noted(String notes) {
        try {
            return JSON.readTree(notes).path(Orders.SIZE).asText();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("notes are JSON", impossible);
        }
    }
}
