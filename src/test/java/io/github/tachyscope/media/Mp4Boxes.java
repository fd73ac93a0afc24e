package io.github.tachyscope.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tests' own reader of MP4 boxes (ISO/IEC 14496-12), so that no muxer vouches for itself. */
final class Mp4Boxes {
    private static final Set<String> CONTAINERS =
            Set.of("moov", "trak", "mdia", "minf", "stbl", "moof", "traf", "mvex", "edts", "dinf");

    /** @param at of the content, behind size and type */
    record Box(String type, ByteBuffer file, int at, int end) {
        int i32(int offset) {
            return file.getInt(at + offset);
        }

        long i64(int offset) {
            return file.getLong(at + offset);
        }

        int i16(int offset) {
            return file.getShort(at + offset) & 0xffff;
        }

        int i8(int offset) {
            return file.get(at + offset) & 0xff;
        }

        int flags() {
            return i32(0) & 0xffffff;
        }

        List<Box> children() {
            return Mp4Boxes.read(file, at, end);
        }

        /** The one box that lies behind these types. */
        Box find(String... path) {
            Box box = this;
            for (String type : path) {
                List<Box> found = box.all(type);
                if (found.size() != 1) {
                    throw new AssertionError(found.size() + " boxes " + type + " in " + box.type);
                }
                box = found.get(0);
            }
            return box;
        }

        List<Box> all(String type) {
            return children().stream().filter(child -> child.type.equals(type)).toList();
        }
    }

    /** One sample of a fragment. */
    record Sample(long tick, long ticks, boolean sync, byte[] data) {}

    private Mp4Boxes() {}

    static List<Box> read(byte[] file) {
        return read(ByteBuffer.wrap(file), 0, file.length);
    }

    static List<String> types(List<Box> boxes) {
        return boxes.stream().map(Box::type).toList();
    }

    private static List<Box> read(ByteBuffer file, int from, int to) {
        List<Box> boxes = new ArrayList<>();
        int at = from;
        while (at < to) {
            int size = file.getInt(at);
            byte[] type = new byte[4];
            file.get(at + 4, type);
            if (size < 8 || at + size > to) {
                throw new AssertionError("box of " + size + " bytes at " + at);
            }
            boxes.add(new Box(new String(type, StandardCharsets.ISO_8859_1), file, at + 8, at + size));
            at += size;
        }
        return boxes;
    }

    /** Any box below, in file order. */
    static List<Box> deep(List<Box> boxes, String type) {
        List<Box> found = new ArrayList<>();
        for (Box box : boxes) {
            if (box.type().equals(type)) {
                found.add(box);
            }
            if (CONTAINERS.contains(box.type())) {
                found.addAll(deep(box.children(), type));
            }
        }
        return found;
    }

    /** The samples of one {@code moof}, whose data offsets count from its own begin. */
    static List<Sample> samples(Box moof) {
        Box traf = moof.find("traf");
        Box tfhd = traf.find("tfhd");
        Box tfdt = traf.find("tfdt");
        Box trun = traf.find("trun");
        int at = 8;
        at += (tfhd.flags() & 0x1) != 0 ? 8 : 0;
        at += (tfhd.flags() & 0x2) != 0 ? 4 : 0;
        long defaultTicks = (tfhd.flags() & 0x8) != 0 ? tfhd.i32(at) : 0;
        at += (tfhd.flags() & 0x8) != 0 ? 4 : 0;
        long defaultSize = (tfhd.flags() & 0x10) != 0 ? tfhd.i32(at) : 0;
        at += (tfhd.flags() & 0x10) != 0 ? 4 : 0;
        int defaultFlags = (tfhd.flags() & 0x20) != 0 ? tfhd.i32(at) : 0;
        long tick = tfdt.i8(0) == 1 ? tfdt.i64(4) : tfdt.i32(4);
        int data = moof.at() - 8 + trun.i32(8);
        int entry = 12;
        int firstFlags = defaultFlags;
        if ((trun.flags() & 0x4) != 0) {
            firstFlags = trun.i32(entry);
            entry += 4;
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < trun.i32(4); i++) {
            long ticks = defaultTicks;
            long size = defaultSize;
            int flags = i == 0 ? firstFlags : defaultFlags;
            if ((trun.flags() & 0x100) != 0) {
                ticks = trun.i32(entry);
                entry += 4;
            }
            if ((trun.flags() & 0x200) != 0) {
                size = trun.i32(entry);
                entry += 4;
            }
            if ((trun.flags() & 0x400) != 0) {
                flags = trun.i32(entry);
                entry += 4;
            }
            if ((trun.flags() & 0x800) != 0) {
                throw new AssertionError("samples are reordered");
            }
            byte[] bytes = new byte[(int) size];
            moof.file().get(data, bytes);
            samples.add(new Sample(tick, ticks, (flags & 0x10000) == 0, bytes));
            tick += ticks;
            data += (int) size;
        }
        return samples;
    }

    /** Types of the network abstraction units of a sample with lengths of four bytes. */
    static List<Integer> units(byte[] sample) {
        ByteBuffer data = ByteBuffer.wrap(sample);
        List<Integer> types = new ArrayList<>();
        while (data.hasRemaining()) {
            int size = data.getInt();
            types.add(data.get(data.position()) & 0x1f);
            data.position(data.position() + size);
        }
        return types;
    }
}
