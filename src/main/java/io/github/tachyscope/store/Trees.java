package io.github.tachyscope.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** What the file system does not do in one call. */
final class Trees {
    private Trees() {}

    /** Removes a file, or a folder with all that is in it, if it is there; links are removed, not followed. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(done);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Makes a file with the bytes of another, and waits until they are on the disk. */
    static void copy(Path source, Path target) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = from.size();
            long copied = 0;
            while (copied < size) {
                copied += from.transferTo(copied, size - copied, to);
            }
            to.force(true);
        }
    }

    /** Gives a file other contents at once: whoever reads sees the old or the new ones. */
    static void replace(Path file, byte[] contents) throws IOException {
        Files.createDirectories(file.getParent());
        Path aside = Files.createTempFile(file.getParent(), ".aside-", ".part");
        try {
            Files.write(aside, contents);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(aside);
        }
    }
}
