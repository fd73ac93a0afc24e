package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.store.Uploads.Shape;
import io.github.tachyscope.store.Uploads.Upload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadsTest {
    private static final Shape SHAPE = new Shape(2, 3, 4, 3);

    @TempDir
    Path directory;

    private Uploads uploads(Duration later) {
        return new Uploads(
                directory.resolve("uploads"), Duration.ofHours(1), 200, Clock.offset(Clock.systemUTC(), later));
    }

    private static Upload received(Uploads uploads) throws Exception {
        Path part = uploads.receive(SHAPE.bytes());
        Files.write(part, new byte[72]);
        return uploads.keep(part, SHAPE);
    }

    @Test
    void keepsTheShapeInTheNameOnly() throws Exception {
        Upload upload = received(uploads(Duration.ZERO));
        Upload found = uploads(Duration.ZERO).find(upload.name()).orElseThrow();
        assertEquals(upload, found);
        assertEquals(SHAPE, found.shape());
        for (String other :
                List.of("", "..", "../" + upload.name(), upload.name() + "x", "0".repeat(32) + ".1x1x1x3.rgb")) {
            assertEquals(Optional.empty(), uploads(Duration.ZERO).find(other), other);
        }
    }

    @Test
    void refusesWhatGoesBeyondTheLimit() throws Exception {
        Uploads uploads = uploads(Duration.ZERO);
        received(uploads);
        received(uploads);
        StoreRefused refused = assertThrows(StoreRefused.class, () -> uploads.receive(72));
        assertEquals(StoreRefused.Reason.NO_SPACE, refused.reason());
        assertTrue(refused.getMessage().contains("max-uploads-size"));
    }

    @Test
    void oldOnesGoButStayWhereTheyAreUsed() throws Exception {
        Upload upload = received(uploads(Duration.ZERO));
        Path used = directory.resolve("used");
        Uploads.link(upload, used);
        uploads(Duration.ofMinutes(59)).drop(uploads(Duration.ofMinutes(59)).receive(1));
        assertTrue(uploads(Duration.ZERO).find(upload.name()).isPresent());
        uploads(Duration.ofMinutes(61)).drop(uploads(Duration.ofMinutes(61)).receive(200));
        assertEquals(Optional.empty(), uploads(Duration.ZERO).find(upload.name()));
        assertArrayEquals(new byte[72], Files.readAllBytes(used));
    }
}
