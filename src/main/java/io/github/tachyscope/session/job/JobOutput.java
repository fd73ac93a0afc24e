package io.github.tachyscope.session.job;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Thumbnail;
import io.github.tachyscope.store.Claim;
import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.MediaFolders;
import io.github.tachyscope.store.ResultDraft;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.ResultLabel;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a job while they are made: those of one plan after the other. All methods block; one thread at a time.
 *
 * <pre>
 * idle --begin--> writing --begin (the next plan) or publish--> what was written is kept
 *                    +------ drop --> idle, nothing of that plan is left
 * </pre>
 */
final class JobOutput implements AutoCloseable {
    private static final String THUMBNAIL = "thumbnail.jpg";
    private static final int THUMBNAIL_SIDE = 320;
    private static final int PREVIEW_SIDE = 256;

    /** One form of the frames of a plan that is complete. */
    private record Kept(Keep keep, List<FrameWriter.Made> files, PictureSize size) {}

    /** One that is being written. */
    private record Writing(Keep keep, FrameWriter writer) {}

    private final JobWork work;
    private final Claim claim;
    private final MediaFolders folders;
    private final ResultDraft draft;
    private final MediaSettings media;
    private final MediaClock clock;
    private final List<Kept> kept = new ArrayList<>();
    private List<Writing> writing = List.of();
    private Optional<PictureSize> firstSize = Optional.empty();
    private Optional<PictureSize> size = Optional.empty();
    private long frames;
    private long framesBefore;
    private long encodeMicros;
    private boolean published;

    /** Begins the files of a claimed job. */
    JobOutput(JobWork work, Claim claim, JobStore store, MediaSettings media, MediaClock clock) throws IOException {
        this.work = work;
        this.claim = claim;
        this.folders = store.folders();
        this.media = media;
        this.clock = clock;
        work.plans().forEach(plan -> plan.keep().forEach(keep -> keep.filing().ifPresent(folders::check)));
        this.draft = store.begin(claim);
    }

    /** Completes what the plan before has written, and opens what this one keeps. */
    void begin(int plan) throws IOException {
        finish();
        List<Writing> opened = new ArrayList<>();
        writing = opened;
        List<Keep> keeps = work.plans().get(plan).keep();
        for (int i = 0; i < keeps.size(); i++) {
            opened.add(new Writing(keeps.get(i), writer(plan, i)));
        }
    }

    private FrameWriter writer(int plan, int ordinal) throws IOException {
        Keep keep = work.plans().get(plan).keep().get(ordinal);
        String number = number(plan, ordinal);
        if (keep instanceof Keep.Mp4 mp4) {
            return new Mp4Writer(
                    draft,
                    "video" + number + ".mp4",
                    mp4.fps(),
                    work.plans().get(plan).encoder(),
                    media,
                    clock);
        } else if (keep instanceof Keep.Pictures pictures) {
            return new PictureWriter(draft, "frame" + number, pictures.text());
        } else if (keep instanceof Keep.Webp webp) {
            return AnimationWriter.webp(draft, made("animation" + number + ".webp", "image/webp"), webp);
        } else if (keep instanceof Keep.Gif gif) {
            return AnimationWriter.gif(draft, made("animation" + number + ".gif", "image/gif"), gif);
        } else if (keep instanceof Keep.Webm webm) {
            return AnimationWriter.webm(draft, made("video" + number + ".webm", "video/webm"), webm);
        }
        return new RawWriter(draft, "frames" + number + ".rgb");
    }

    private static FrameWriter.Made made(String name, String mediaType) {
        boolean video = mediaType.startsWith("video/");
        return new FrameWriter.Made(name, video ? ResultFile.Kind.VIDEO : ResultFile.Kind.IMAGE, mediaType);
    }

    /** Tells files of the same form apart: nothing for the first of the job, then {@code -2} and so on. */
    private String number(int plan, int ordinal) {
        Class<?> form = work.plans().get(plan).keep().get(ordinal).getClass();
        long before = work.plans().subList(0, plan).stream()
                        .flatMap(earlier -> earlier.keep().stream())
                        .filter(form::isInstance)
                        .count()
                + work.plans().get(plan).keep().subList(0, ordinal).stream()
                        .filter(form::isInstance)
                        .count();
        return before == 0 ? "" : "-" + (before + 1);
    }

    /** What can be watched of the plan under way while it grows. */
    Optional<GrowingFile> live() {
        return writing.stream().flatMap(each -> each.writer().live().stream()).findFirst();
    }

    /**
     * A chunk that was taken.
     *
     * @param previewJpeg its first picture, small
     */
    record Taken(long chunk, int frames, byte[] previewJpeg) {}

    /** Takes a chunk of the plan under way, and its frames. */
    Taken take(Chunk chunk) throws IOException {
        try {
            VideoFrame first = chunk.frames().get(0);
            if (firstSize.isEmpty()) {
                thumbnail(first);
                firstSize = Optional.of(PictureSize.of(first));
            }
            size = Optional.of(PictureSize.of(first));
            long begun = clock.micros();
            for (Writing each : writing) {
                each.writer().write(chunk.frames());
            }
            encodeMicros += clock.micros() - begun;
            frames += chunk.frames().size();
            return new Taken(chunk.index(), chunk.frames().size(), Thumbnail.jpeg(first, PREVIEW_SIDE));
        } catch (IOException failure) {
            throw ResultDraft.failure(failure);
        } finally {
            chunk.frames().forEach(VideoFrame::release);
        }
    }

    private void thumbnail(VideoFrame first) throws IOException {
        try (OutputStream out = draft.create(THUMBNAIL)) {
            out.write(Thumbnail.jpeg(first, THUMBNAIL_SIDE));
        }
    }

    /** Removes what the plan under way has written; it can begin again. */
    void drop() throws IOException {
        List<Writing> dropped = writing;
        writing = List.of();
        frames = framesBefore;
        for (Writing each : dropped) {
            each.writer().close();
            for (String name : each.writer().begun()) {
                draft.remove(name);
            }
        }
    }

    private void finish() throws IOException {
        for (Writing each : writing) {
            kept.add(new Kept(each.keep(), each.writer().finish(), size.orElseThrow()));
            each.writer().close();
        }
        writing = List.of();
        framesBefore = frames;
    }

    /** Completes and publishes everything, here and in the folders that people look into. */
    List<ResultFile> publish() throws IOException {
        finish();
        List<ResultDraft.Entry> entries = new ArrayList<>();
        for (Kept each : kept) {
            List<ResultLabel> labels = labels(each);
            for (int i = 0; i < each.files().size(); i++) {
                FrameWriter.Made file = each.files().get(i);
                entries.add(new ResultDraft.Entry(file.name(), file.kind(), file.mediaType(), labels.get(i)));
            }
        }
        entries.add(new ResultDraft.Entry(THUMBNAIL, ResultFile.Kind.THUMBNAIL, "image/jpeg", ResultLabel.NONE));
        List<ResultFile> files = draft.publish(entries);
        published = true;
        return files;
    }

    private List<ResultLabel> labels(Kept each) throws IOException {
        String source = each.keep().label();
        Optional<Filing> filing = each.keep().filing();
        if (filing.isEmpty()) {
            return each.files().stream()
                    .map(file -> new ResultLabel(source, Optional.empty()))
                    .toList();
        }
        return folders
                .file(
                        claim,
                        filing.get(),
                        each.size(),
                        each.files().stream()
                                .map(file -> draft.path(file.name()))
                                .toList())
                .stream()
                .map(place -> new ResultLabel(source, Optional.of(place)))
                .toList();
    }

    /** Of the first pictures; empty before them. */
    Optional<PictureSize> size() {
        return firstSize;
    }

    /** Frames taken, without those that were dropped. */
    long frames() {
        return frames;
    }

    /** Those of the plan under way. */
    long framesOfPlan() {
        return frames - framesBefore;
    }

    double encodeSeconds() {
        return encodeMicros / 1e6;
    }

    /** Removes what was not published. */
    @Override
    public void close() {
        for (Writing each : writing) {
            try {
                each.writer().close();
            } catch (IOException removedAnyway) {
                // What is not published is of no use to anybody.
            }
        }
        if (!published) {
            folders.takeBack(claim);
        }
        draft.close();
    }
}
