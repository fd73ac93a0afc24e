package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.Uploads;
import io.github.tachyscope.store.Uploads.Shape;
import io.github.tachyscope.store.Uploads.Upload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Raw pictures before and after generation. Clients name them by paths that this server gave:
 *
 * <pre>
 *   uploads/8c1f...e2.12x320x576x3.rgb
 *   results/gen_5ac0...71/frames.rgb
 * </pre>
 */
final class GenerateFiles {
    static final int CHANNELS = 3;

    private static final String UPLOADS = "uploads/";
    private static final String RESULTS = "results/";
    private static final Pattern PLAIN = Pattern.compile("(uploads|results)/[^/\\\\]+(/[^/\\\\]+)?");
    private static final int MOST = 1_000_000;

    private final JobDesk desk;
    private final Uploads uploads;
    private final Bodies bodies;

    GenerateFiles(JobDesk desk, Uploads uploads, Bodies bodies) {
        this.desk = desk;
        this.uploads = uploads;
        this.bodies = bodies;
    }

    static String resultPath(Job job, ResultFile file) {
        return RESULTS + job.id() + "/" + file.name();
    }

    /** The upload of that path. */
    Optional<Upload> upload(String path) {
        return path.startsWith(UPLOADS) ? uploads.find(path.substring(UPLOADS.length())) : Optional.empty();
    }

    // --- in ----------------------------------------------------------------------------------------------------------

    CompletionStage<HttpResponse> upload(Call call) {
        HttpEntity entity = call.entity();
        try {
            Shape shape =
                    new Shape(size(call, "Frames"), size(call, "Height"), size(call, "Width"), size(call, "Channels"));
            entity.getContentLengthOption().ifPresent(bytes -> checkBytes(bytes, shape));
            if (shape.channels() != CHANNELS) {
                throw Refused.with(400, "X-Video-Channels must be 3: red, green and blue.");
            }
            bodies.checkSize(shape.bytes());
            return bodies.enter(call, () -> receive(call, entity, shape));
        } catch (Refused refused) {
            return call.drained(CompletableFuture.failedFuture(refused));
        }
    }

    private static int size(Call call, String name) {
        String given = call.header("X-Video-" + name).orElse("").strip();
        if (!given.matches("[1-9][0-9]{0,6}") || Integer.parseInt(given) > MOST) {
            throw Refused.with(400, "X-Video-" + name + " must be a whole number from 1 to " + MOST + ".");
        }
        return Integer.parseInt(given);
    }

    private static void checkBytes(long bytes, Shape shape) {
        if (bytes != shape.bytes()) {
            throw Refused.with(400, "The body has " + bytes + " bytes; the X-Video headers say " + shape.bytes() + ".");
        }
    }

    private CompletionStage<HttpResponse> receive(Call call, HttpEntity entity, Shape shape) {
        return call.blocking(() -> uploads.receive(shape.bytes()))
                .thenCompose(part -> entity.withSizeLimit(shape.bytes())
                        .getDataBytes()
                        .runWith(FileIO.toPath(part, Set.of(StandardOpenOption.WRITE)), call.system())
                        .thenCompose(written -> call.blocking(() -> kept(part, shape)))
                        .whenComplete((kept, failure) -> {
                            if (failure != null) {
                                call.blocking(() -> {
                                    uploads.drop(part);
                                    return part;
                                });
                            }
                        }));
    }

    private HttpResponse kept(Path part, Shape shape) throws Exception {
        checkBytes(Files.size(part), shape);
        Upload upload = uploads.keep(part, shape);
        var body = Json.object().put("input_path", UPLOADS + upload.name()).put("num_frames", shape.frames());
        body.putArray("shape")
                .add(shape.frames())
                .add(shape.height())
                .add(shape.width())
                .add(shape.channels());
        return Replies.json(body);
    }

    // --- out ---------------------------------------------------------------------------------------------------------

    CompletionStage<HttpResponse> download(Call call) {
        String path = call.requiredQuery("path");
        if (!PLAIN.matcher(path).matches() || path.contains("..")) {
            throw Refused.with(403, "Only what was uploaded or generated here can be downloaded.");
        }
        if (path.startsWith(UPLOADS)) {
            return call.blocking(() -> tensor(upload(path).orElseThrow(GenerateFiles::gone)));
        }
        String[] parts = path.substring(RESULTS.length()).split("/", 2);
        return desk.find(parts[0]).thenCompose(found -> {
            Job job = found.filter(known -> call.mayUse(known.owner())).orElseThrow(GenerateFiles::gone);
            ResultFile file = job.file(ResultFile.Kind.DATA)
                    .filter(data -> parts.length == 2 && data.name().equals(parts[1]))
                    .orElseThrow(GenerateFiles::gone);
            Shape shape = new Shape(
                    job.shape().frames(), job.shape().height(), job.shape().width(), CHANNELS);
            return desk.file(job, file)
                    .thenCompose(there -> call.blocking(
                            () -> tensor(new Upload(file.name(), there.orElseThrow(GenerateFiles::gone), shape))));
        });
    }

    private static Refused gone() {
        return Refused.with(404, "There is no such file any more.");
    }

    /** Number of dimensions, the dimensions, all as 32 bits with the lowest byte first, then the bytes. */
    private static HttpResponse tensor(Upload pictures) {
        Shape shape = pictures.shape();
        ByteBuffer head = ByteBuffer.allocate(5 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(4)
                .putInt(shape.frames())
                .putInt(shape.height())
                .putInt(shape.width())
                .putInt(shape.channels());
        Source<ByteString, ?> bytes =
                Source.single(ByteString.fromArray(head.array())).concat(FileIO.fromPath(pictures.file()));
        return HttpResponse.create()
                .addHeader(RawHeader.create("X-Video-Frames", Integer.toString(shape.frames())))
                .addHeader(RawHeader.create("X-Video-Height", Integer.toString(shape.height())))
                .addHeader(RawHeader.create("X-Video-Width", Integer.toString(shape.width())))
                .addHeader(RawHeader.create("X-Video-Channels", Integer.toString(shape.channels())))
                .withEntity(HttpEntities.create(
                        ContentTypes.APPLICATION_OCTET_STREAM, head.capacity() + shape.bytes(), bytes));
    }
}
