package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AssetStoreTest {
    @TempDir
    private Path parent;

    private Path root;
    private AssetStore store;

    @BeforeEach
    void open() {
        root = parent.resolve("assets");
        store = new AssetStore(root, 100, 150);
    }

    private Asset put(String name, int bytes) throws IOException {
        AssetStore.Upload upload = store.begin(name, OptionalLong.empty());
        try {
            upload.grow(bytes);
            Files.write(upload.part(), new byte[bytes]);
            return upload.commit();
        } finally {
            upload.abort();
        }
    }

    private static void refused(Reason reason, Executable call) {
        assertEquals(reason, assertThrows(StoreRefused.class, call).reason());
    }

    @Test
    void namesThatLeadOutAreRefused() throws Exception {
        Files.createDirectories(root);
        Path outside = Files.createDirectories(parent.resolve("outside"));
        Files.writeString(outside.resolve("x.png"), "x");
        Files.createSymbolicLink(root.resolve("link"), outside);
        for (String name : List.of("../outside/x.png", "a/../../outside/x.png", "link/x.png")) {
            refused(Reason.OUTSIDE, () -> store.resolve(name));
            refused(Reason.OUTSIDE, () -> store.begin(name, OptionalLong.empty()));
        }
        refused(Reason.MISSING, () -> store.resolve(outside.resolve("x.png").toString()));
        refused(Reason.OUTSIDE, () -> store.begin("/x.png", OptionalLong.empty()));
        refused(Reason.OUTSIDE, () -> store.begin("link/new/x.png", OptionalLong.empty()));
        assertFalse(Files.exists(outside.resolve("new")));
        assertEquals(List.of(), store.list(Optional.empty()));
    }

    @Test
    void oddNamesAreRefused() {
        for (String name : List.of(
                "",
                ".png",
                "a",
                "x.svg",
                "x.png.exe",
                "x\0.png",
                "x\n.png",
                "a\\x.png",
                "é".repeat(150) + ".png",
                "a/b/c/d/e/f/g/h/i/x.png",
                ".uploads/x.png")) {
            refused(Reason.BAD_NAME, () -> store.begin(name, OptionalLong.empty()));
        }
        for (String name : List.of("", "/", ".", "x\0.png", ".uploads/x.png", "n".repeat(5000) + ".png")) {
            refused(Reason.MISSING, () -> store.resolve(name));
        }
    }

    @Test
    void limitsHoldForOneFileAndForAllWhateverIsUnderWay() throws Exception {
        refused(Reason.TOO_LARGE, () -> store.begin("x.png", OptionalLong.of(101)));
        put("a.png", 60);
        put("a.png", 70);
        AssetStore.Upload upload = store.begin("b.png", OptionalLong.of(40));
        upload.grow(40);
        refused(Reason.TOO_LARGE, () -> store.begin("c.png", OptionalLong.of(50)));
        upload.abort();
        upload.abort();
        assertFalse(Files.exists(upload.part()));
        put("c.png", 50);
    }

    @Test
    void listsNewestFirst() throws Exception {
        Path old = put("old.png", 1).path();
        Files.setLastModifiedTime(old, FileTime.fromMillis(1000));
        put("sub/new.mp4", 2);
        List<Asset> assets = store.list(Optional.empty());
        assertEquals(List.of("new", "old"), assets.stream().map(Asset::name).toList());
        assertEquals("sub", assets.get(0).folder());
        assertEquals(
                List.of("old"),
                store.list(Optional.of(AssetKind.IMAGE)).stream()
                        .map(Asset::name)
                        .toList());
        assertEquals(old.toRealPath(), store.resolve(old.toString()));
    }

    @Test
    void aRestartRemovesWhatACrashLeft() throws Exception {
        Path part = store.begin("x.png", OptionalLong.empty()).part();
        new AssetStore(root, 100, 150);
        assertFalse(Files.exists(part));
    }
}
