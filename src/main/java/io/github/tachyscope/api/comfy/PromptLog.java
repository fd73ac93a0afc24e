package io.github.tachyscope.api.comfy;

import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobPage;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** The prompts in the log of jobs. Queue and history are views of it, so that a prompt is in one of them at any time. */
final class PromptLog {
    private static final Set<JobState> OPEN = Set.of(JobState.QUEUED, JobState.RUNNING);
    private static final Set<JobState> ENDED = Set.of(JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED);

    /** Notes that are held as they were read, in characters; clients ask often for the same ones. Protects memory. */
    private static final long MAX_HELD = 32L << 20;

    private record Held(PromptNotes notes, int characters) {}

    private final JobDesk desk;
    private final Map<String, Held> held = new LinkedHashMap<>(16, 0.75f, true);
    private long characters;

    PromptLog(JobDesk desk) {
        this.desk = desk;
    }

    /** A prompt; nothing if there is none, or the job is of another face. */
    CompletionStage<Optional<PromptEntry>> find(String id) {
        if (!Job.isId(id)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return desk.find(id)
                .thenCompose(job -> job.filter(own -> own.face().equals(ComfyFace.NAME))
                        .map(own -> entries(List.of(own))
                                .thenApply(list -> list.stream().findFirst()))
                        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty())));
    }

    /** Prompts that run, and behind them those that wait, in the order in which they will run. */
    CompletionStage<List<PromptEntry>> queue() {
        return jobs(OPEN, false, Integer.MAX_VALUE)
                .thenApply(PromptLog::inOrder)
                .thenCompose(this::entries);
    }

    private static List<Job> inOrder(List<Job> jobs) {
        return jobs.stream()
                .sorted(Comparator.comparing((Job job) -> job.state() == JobState.QUEUED)
                        .thenComparing(Job::priority)
                        .thenComparing(Job::number))
                .toList();
    }

    /** Ids of prompts that run or wait. */
    CompletionStage<Set<String>> openIds() {
        return jobs(OPEN, false, Integer.MAX_VALUE)
                .thenApply(jobs -> jobs.stream().map(Job::id).collect(Collectors.toUnmodifiableSet()));
    }

    /** Jobs of prompts that run. */
    CompletionStage<List<Job>> running() {
        return jobs(Set.of(JobState.RUNNING), false, Integer.MAX_VALUE);
    }

    /** Jobs of prompts that have ended, in the order in which they did; of many the newest. */
    CompletionStage<List<Job>> ended(int most) {
        return jobs(ENDED, true, most)
                .thenApply(jobs -> jobs.stream()
                        .sorted(Comparator.comparing((Job job) -> job.times()
                                        .finished()
                                        .orElse(job.times().created()))
                                .thenComparing(Job::number))
                        .toList());
    }

    /** Jobs of all prompts, oldest first. */
    CompletionStage<List<Job>> all(int most) {
        return jobs(Set.of(), true, most)
                .thenApply(jobs ->
                        jobs.stream().sorted(Comparator.comparing(Job::number)).toList());
    }

    private CompletionStage<List<Job>> jobs(Set<JobState> states, boolean newestFirst, int most) {
        return more(states, newestFirst, most, new ArrayList<>());
    }

    private CompletionStage<List<Job>> more(Set<JobState> states, boolean newestFirst, int most, List<Job> before) {
        Optional<String> after = before.isEmpty()
                ? Optional.empty()
                : Optional.of(before.get(before.size() - 1).id());
        int limit = Math.min(JobQuery.MAX_LIMIT, most - before.size());
        return desk.list(new JobQuery(Optional.of(ComfyFace.NAME), states, newestFirst, after, limit))
                .thenCompose((JobPage page) -> {
                    before.addAll(page.jobs());
                    return page.more() && before.size() < most && !page.jobs().isEmpty()
                            ? more(states, newestFirst, most, before)
                            : CompletableFuture.completedFuture(before);
                });
    }

    /** With their notes; what was removed meanwhile is left out. */
    CompletionStage<List<PromptEntry>> entries(List<Job> jobs) {
        CompletionStage<List<PromptEntry>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Job job : jobs) {
            all = all.thenCombine(notes(job.id()), (list, notes) -> {
                notes.ifPresent(found -> list.add(new PromptEntry(job, found)));
                return list;
            });
        }
        return all;
    }

    CompletionStage<Optional<PromptNotes>> notes(String id) {
        synchronized (held) {
            Held known = held.get(id);
            if (known != null) {
                return CompletableFuture.completedFuture(Optional.of(known.notes()));
            }
        }
        return desk.request(id)
                .thenApply(request ->
                        request.flatMap(asked -> asked.notes()).map(text -> hold(id, text, PromptNotes.parse(text))));
    }

    private PromptNotes hold(String id, String text, PromptNotes notes) {
        synchronized (held) {
            if (held.put(id, new Held(notes, text.length())) == null) {
                characters += text.length();
            }
            var oldest = held.entrySet().iterator();
            while (characters > MAX_HELD && oldest.hasNext()) {
                characters -= oldest.next().getValue().characters();
                oldest.remove();
            }
            return notes;
        }
    }

    /** Forgets what it holds of a prompt that was removed: there may be another one of that id. */
    void forget(String id) {
        synchronized (held) {
            Held known = held.remove(id);
            if (known != null) {
                characters -= known.characters();
            }
        }
    }
}
