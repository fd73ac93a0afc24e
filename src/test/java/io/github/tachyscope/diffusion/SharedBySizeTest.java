package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PictureSize;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedBySizeTest {
    private static final PictureSize LARGE = new PictureSize(64, 64);
    private static final PictureSize SMALL = new PictureSize(48, 48);

    private final List<String> freed = new ArrayList<>();
    private final SharedBySize<String> memories =
            new SharedBySize<>(2, size -> new String("memory of " + size), freed::add);

    @Test
    void oneSizeHasOneMemoryUntilTheLastHasLeft() {
        SharedBySize<String>.Share one = memories.open(LARGE);
        SharedBySize<String>.Share other = memories.open(new PictureSize(64, 64));
        SharedBySize<String>.Share chunk = one.again();
        assertSame(one.memory(), other.memory());
        assertEquals("memory of 64x64", chunk.memory());
        one.close();
        one.close();
        other.close();
        assertEquals(List.of(), freed);
        chunk.close();
        assertEquals(List.of("memory of 64x64"), freed);
        assertEquals(0, memories.sizes());
        try (SharedBySize<String>.Share again = memories.open(LARGE)) {
            assertNotSame(chunk.memory(), again.memory());
        }
    }

    @Test
    void oneSizeTooManyIsRefusedWithThoseInUse() {
        SharedBySize<String>.Share large = memories.open(LARGE);
        SharedBySize<String>.Share small = memories.open(SMALL);
        ParameterRejected refused = assertThrows(ParameterRejected.class, () -> memories.open(new PictureSize(32, 32)));
        assertTrue(String.valueOf(refused.getMessage()).contains("[64x64, 48x48]"), refused.getMessage());
        memories.open(SMALL).close();
        memories.hold(new PictureSize(16, 16)).close();
        small.close();
        memories.open(new PictureSize(32, 32)).close();
        large.close();
        assertEquals(0, memories.sizes());
    }

    @Test
    void aRunShrinksAndRecoversWhileItsChunksKeepTheirSize() {
        RunSize<String> run = new RunSize<>(memories, LARGE, SMALL);
        SharedBySize<String>.Share first = run.chunk();
        run.shrink(true);
        run.shrink(true);
        SharedBySize<String>.Share second = run.chunk();
        assertEquals(LARGE, first.size());
        assertEquals(SMALL, second.size());
        run.shrink(false);
        assertEquals(List.of(), freed, "the chunk under way still has its memory");
        second.close();
        assertEquals(List.of("memory of 48x48"), freed);
        SharedBySize<String>.Share third = run.chunk();
        assertSame(first.memory(), third.memory());
        first.close();
        third.close();
        run.close();
        assertEquals(List.of("memory of 48x48", "memory of 64x64"), freed);
        assertEquals(0, memories.sizes());
    }
}
