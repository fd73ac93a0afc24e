package io.github.tachyscope.api.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.session.job.JobNews;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobEventsTest {
    private static final JobNews PREVIEW = new JobNews.Previewed(0, 3, 20, List.of(new byte[] {1, 2, 3}, new byte[9]));

    @Test
    void showsThePictureOfAPreview() {
        String event = new JobEvents(Clock.systemUTC(), true).event(PREVIEW).utf8String();
        assertEquals(
                "event: preview\ndata: {\"steps_done\":3,\"steps_total\":20,\"preview_base64\":\"AQID\"}\n\n", event);
    }

    @Test
    void sendsPreviewsOnlyToThoseWhoWantThem() {
        assertTrue(new JobEvents(Clock.systemUTC(), true).wants(PREVIEW));
        assertFalse(new JobEvents(Clock.systemUTC(), false).wants(PREVIEW));
        assertTrue(new JobEvents(Clock.systemUTC(), false).wants(new JobNews.Waiting(1)));
    }
}
