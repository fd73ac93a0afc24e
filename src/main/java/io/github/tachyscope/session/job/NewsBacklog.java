package io.github.tachyscope.session.job;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;

/**
 * News that wait for a slow reader: of previews the newest alone, since they are large and soon out of date, and of
 * all others so many; of more the oldest are left out. Immutable.
 */
record NewsBacklog(List<JobNews> news) {
    NewsBacklog {
        news = List.copyOf(news);
    }

    private NewsBacklog with(JobNews next, int most) {
        List<JobNews> all = new ArrayList<>(news);
        if (next instanceof JobNews.Previewed) {
            all.removeIf(JobNews.Previewed.class::isInstance);
        }
        all.add(next);
        return new NewsBacklog(all.size() > most ? all.subList(1, all.size()) : all);
    }

    /** Takes news as they come, and gives what waits in their order. */
    static Flow<JobNews, JobNews, NotUsed> of(int most) {
        return Flow.<JobNews>create()
                .conflateWithSeed(first -> new NewsBacklog(List.of(first)), (waiting, next) -> waiting.with(next, most))
                .mapConcat(NewsBacklog::news);
    }
}
