package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Thumbnail;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Makes files of what a job shows while it runs, one at a time.
 *
 * <pre>
 *   idle --Show--> making --Made--> idle, or making what was shown last meanwhile
 * </pre>
 */
final class PreviewMaker {

    sealed interface Command {}

    /**
     * Something can be seen.
     *
     * @param wish in which form
     * @param frames the first picture of the chunk first; ownership passes on
     */
    record Show(Previews wish, int plan, int stepsDone, int stepsTotal, List<VideoFrame> frames) implements Command {
        void release() {
            frames.forEach(VideoFrame::release);
        }
    }

    /** @param news there unless the pictures could not be encoded */
    private record Made(Optional<JobNews> news) implements Command {}

    private final ActorContext<Command> context;
    private final Executor blocking;
    private final ActorRef<Jobs.Command> jobs;
    private final String id;
    private boolean making;
    private Optional<Show> newest = Optional.empty();

    private PreviewMaker(ActorContext<Command> context, Executor blocking, ActorRef<Jobs.Command> jobs, String id) {
        this.context = context;
        this.blocking = blocking;
        this.jobs = jobs;
        this.id = id;
    }

    /**
     * Ends with its parent.
     *
     * @param blocking for the work on pictures
     * @param jobs is told of what was made
     * @param id of the job
     */
    static Behavior<Command> create(Executor blocking, ActorRef<Jobs.Command> jobs, String id) {
        return Behaviors.setup(context -> new PreviewMaker(context, blocking, jobs, id).receiving());
    }

    private Behavior<Command> receiving() {
        return Behaviors.receive(Command.class)
                .onMessage(Show.class, show -> {
                    newest.ifPresent(Show::release);
                    newest = Optional.of(show);
                    makeNext();
                    return Behaviors.same();
                })
                .onMessage(Made.class, made -> {
                    made.news().ifPresent(news -> jobs.tell(new Jobs.News(id, news)));
                    making = false;
                    makeNext();
                    return Behaviors.same();
                })
                .onSignal(PostStop.class, stop -> {
                    newest.ifPresent(Show::release);
                    return Behaviors.same();
                })
                .build();
    }

    private void makeNext() {
        if (making || newest.isEmpty()) {
            return;
        }
        Show show = newest.get();
        newest = Optional.empty();
        making = true;
        context.pipeToSelf(CompletableFuture.supplyAsync(() -> made(show), blocking), (news, fault) -> {
            if (fault != null) {
                context.getLog().warn("a preview could not be made", fault);
            }
            return new Made(Optional.ofNullable(news));
        });
    }

    private static JobNews made(Show show) {
        try {
            List<byte[]> jpegs = new ArrayList<>();
            int count = show.wish().animated() ? show.frames().size() : 1;
            for (VideoFrame frame : show.frames().subList(0, count)) {
                jpegs.add(Thumbnail.fitted(
                        frame, show.wish().maxSide(), show.wish().quality()));
            }
            return new JobNews.Previewed(show.plan(), show.stepsDone(), show.stepsTotal(), jpegs);
        } finally {
            show.release();
        }
    }
}
