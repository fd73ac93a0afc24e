package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.FileReply;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.media.MediaRefused;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.MediaFolder;
import io.github.tachyscope.store.MediaFolders;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Files in the folders that people look into: whole, in parts, or as another picture of the same. */
final class ViewRoutes {
    /** What a browser would run. */
    private static final Set<String> ACTIVE =
            Set.of("html", "htm", "xhtml", "xht", "shtml", "xml", "svg", "svgz", "js", "mjs", "css", "swf", "pdf");

    private final MediaFolders folders;
    private final JobDesk desk;

    ViewRoutes(MediaFolders folders, JobDesk desk) {
        this.folders = folders;
        this.desk = desk;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(Endpoint.get("/view", this::view));
    }

    private CompletionStage<HttpResponse> view(Call call) {
        String name = call.query("filename").orElseThrow(() -> Refused.with(404, "Name a file in filename."));
        MediaFolder folder = call.query("type")
                .filter(type -> !type.isEmpty())
                .map(type -> MediaFolder.ofWireName(type)
                        .orElseThrow(() -> Refused.with(400, "type must be output, temp or input.")))
                .orElse(MediaFolder.OUTPUT);
        String subfolder = call.query("subfolder").orElse("");
        return call.blocking(() -> reply(call, folders.find(folder, subfolder, name)));
    }

    private HttpResponse reply(Call call, Path file) throws IOException {
        try {
            Optional<String> preview = call.query("preview").filter(asked -> !asked.isEmpty());
            String channel = call.query("channel").orElse("rgba");
            HttpResponse response;
            if (preview.isPresent()) {
                ViewedPicture.Preview wanted = ViewedPicture.Preview.parse(preview.get());
                response = picture(wanted.mediaType(), ViewedPicture.preview(file, wanted, desk.limits()));
            } else if (channel.equals("rgb")) {
                response = picture("image/png", ViewedPicture.colours(file, desk.limits()));
            } else if (channel.equals("a")) {
                response = picture("image/png", ViewedPicture.alpha(file, desk.limits()));
            } else {
                response =
                        FileReply.of(file, call.header("Range"), call.header("If-Range"), call.header("If-None-Match"));
            }
            return named(response, file.getFileName().toString());
        } catch (NoSuchFileException removedNow) {
            throw Refused.with(404, "There is no such file.");
        } catch (MediaRefused refused) {
            throw Refused.with(400, "The file cannot be shown so: " + refused.getMessage());
        }
    }

    private static HttpResponse picture(String mediaType, byte[] content) {
        return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.parse(mediaType), content));
    }

    static HttpResponse named(HttpResponse response, String name) {
        boolean active =
                ACTIVE.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
        String plain = name.replaceAll("[^ -~]|[\"\\\\]", "_");
        String disposition = (active ? "attachment; " : "") + "filename=\"" + plain + "\"";
        if (!plain.equals(name)) {
            disposition += "; filename*=UTF-8''"
                    + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        }
        return response.addHeader(RawHeader.create("Content-Disposition", disposition));
    }
}
