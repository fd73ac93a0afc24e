package io.github.tachyscope.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Deadlines first, fair shares from the rest, batches where they gain.
 *
 * <p>Order: a batch step that live runs owe time to; a live step that has waited too long; live chunks that can still
 * make their deadline, least slack first; late live chunks, earliest deadline first; batch runs, least virtual time
 * first (start-time fair queueing, Goyal et al. 1996: the continuous form of deficit round robin).
 *
 * <p>Steps with the key of the first one join it, the most urgent ones first, while a larger batch costs less than the
 * steps one by one and no live chunk that can make its deadline comes to miss it by the larger batch. A job joins a live
 * chunk only where it costs at most half of a step alone, and never a late one.
 *
 * <p>A thread is kept free, instead of beginning a job's step, for a live chunk that comes within half of that step and has
 * not the time to wait for its end. Time that is owed is not kept back.
 *
 * <p>One pass finds the first step, one those that may join; nothing is sorted.
 */
public final class DeadlinePolicy implements StepPolicy {
    /**
     * A live step that has waited so long goes first: where sessions ask for more than there is, the late ones still get
     * four frames a second.
     */
    static final long AGED_MICROS = 250_000;

    /** A larger batch must save at least this share of a step run alone, or it only delays its members. */
    private static final double LEAST_GAIN = 0.02;

    /**
     * A job must save this share of a step to join a live chunk. One that pays nearly the full price there takes the time
     * of live chunks that are not asked for yet; it gets its own turn when none waits.
     */
    private static final double LEAST_GAIN_OF_A_JOB = 0.5;

    private static final int OWED = 0;
    private static final int AGED = 1;
    private static final int FEASIBLE = 2;
    private static final int LATE = 3;
    private static final int BATCH = 4;

    @Override
    public List<Candidate> choose(Queue queue) {
        List<Candidate> waiting = queue.waiting();
        if (waiting.isEmpty()) {
            return List.of();
        }
        Candidate head = waiting.get(0);
        for (int i = 1; i < waiting.size(); i++) {
            if (before(queue, waiting.get(i), head)) {
                head = waiting.get(i);
            }
        }
        if (tier(queue, head) == BATCH && keptFree(queue, head)) {
            return List.of();
        }
        int most = Math.min(queue.maxBatch(), head.maxBatch());
        return most <= 1 ? List.of(head) : fill(queue, head, most);
    }

    private static boolean keptFree(Queue queue, Candidate job) {
        long end = queue.nowMicros() + job.stepMicros();
        for (Arrival arrival : queue.arrivals()) {
            long idle = Math.max(0, arrival.atMicros() - queue.nowMicros());
            long heldUp = end - Math.max(arrival.atMicros(), queue.nowMicros());
            if (2 * idle < job.stepMicros() && heldUp > Math.max(0, arrival.spareMicros())) {
                return true;
            }
        }
        return false;
    }

    private static List<Candidate> fill(Queue queue, Candidate head, int most) {
        Candidate[] batch = new Candidate[most];
        batch[0] = head;
        int size = 1;
        // Company must not make more of what is owed than it is.
        long patience = tier(queue, head) == OWED
                ? queue.batchCreditMicros() - queue.cost().micros(head.key(), 1)
                : Long.MAX_VALUE;
        // Company is cheap, not free: jobs must not make a late chunk later.
        boolean late = head.live() && head.slackMicros(queue.nowMicros()) < 0;
        for (Candidate candidate : queue.waiting()) {
            patience = Math.min(patience, patience(queue, head, candidate));
            if (candidate != head && candidate.mayJoin(head) && (candidate.live() || !late)) {
                size = insert(queue, batch, size, candidate);
            }
        }
        return cut(queue, batch, size, patience);
    }

    /** How much longer than the first step alone the batch may take for the sake of one live chunk. */
    private static long patience(Queue queue, Candidate head, Candidate candidate) {
        if (!candidate.live()) {
            return Long.MAX_VALUE;
        }
        long slack = candidate.slackMicros(queue.nowMicros()) - (candidate == head ? 0 : head.stepMicros());
        // What is missed anyway is no reason to hold others back.
        return slack < 0 ? Long.MAX_VALUE : slack;
    }

    /** Puts it in its place behind the head if it is among the most urgent; the new size. */
    private static int insert(Queue queue, Candidate[] batch, int size, Candidate candidate) {
        int at = size;
        while (at > 1 && before(queue, candidate, batch[at - 1])) {
            at--;
        }
        if (at == batch.length) {
            return size;
        }
        int grown = Math.min(batch.length, size + 1);
        System.arraycopy(batch, at, batch, at + 1, grown - at - 1);
        batch[at] = candidate;
        return grown;
    }

    private static List<Candidate> cut(Queue queue, Candidate[] batch, int joined, long patience) {
        Candidate head = batch[0];
        long alone = queue.cost().micros(head.key(), 1);
        long before = alone;
        int size = 1;
        while (size < joined) {
            long larger = queue.cost().micros(head.key(), size + 1);
            double leastGain = head.live() && !batch[size].live() ? LEAST_GAIN_OF_A_JOB : LEAST_GAIN;
            boolean gains = alone == 0 || larger - before <= alone * (1 - leastGain);
            if (!gains || larger - alone > patience) {
                break;
            }
            before = larger;
            size++;
        }
        List<Candidate> chosen = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            chosen.add(batch[i]);
        }
        return chosen;
    }

    private static boolean before(Queue queue, Candidate one, Candidate other) {
        int tier = tier(queue, one);
        int otherTier = tier(queue, other);
        if (tier != otherTier) {
            return tier < otherTier;
        }
        int compared = switch (tier) {
            case AGED -> Long.compare(one.readyMicros(), other.readyMicros());
            case FEASIBLE -> Long.compare(one.slackMicros(queue.nowMicros()), other.slackMicros(queue.nowMicros()));
            case LATE -> Long.compare(one.deadlineMicros(), other.deadlineMicros());
            default -> Double.compare(one.virtualMicros(), other.virtualMicros());
        };
        return compared == 0 ? one.order() < other.order() : compared < 0;
    }

    private static int tier(Queue queue, Candidate candidate) {
        if (!candidate.live()) {
            boolean owed = queue.batchCreditMicros() > 0 && queue.batchCreditMicros() >= candidate.stepMicros();
            return owed ? OWED : BATCH;
        }
        if (queue.nowMicros() - candidate.readyMicros() >= AGED_MICROS) {
            return AGED;
        }
        return candidate.slackMicros(queue.nowMicros()) >= 0 ? FEASIBLE : LATE;
    }
}
