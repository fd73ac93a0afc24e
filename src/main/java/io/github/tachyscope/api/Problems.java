package io.github.tachyscope.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.config.SessionSettings;
import io.github.tachyscope.store.StoreRefused;
import io.github.tachyscope.store.StoreUnavailable;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.http.scaladsl.model.IllegalUriException;
import org.apache.pekko.stream.IOOperationIncompleteException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every failure into the one shape of errors, which clients of either family can read:
 *
 * <pre>
 * {"detail": text or, for 422, a list of faults as FastAPI makes it,
 *  "error": {"message": text, "type": "Not Found", "param": field or null, "code": 404}}    as OpenAI's libraries read it
 * </pre>
 *
 * <p>What is not meant for clients is logged and becomes a plain 500.
 */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private final Duration retryAfter;

    Problems(SessionSettings settings) {
        this.retryAfter = settings.retryAfter();
    }

    HttpResponse render(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException
                        || cause instanceof ExecutionException
                        || cause instanceof IOOperationIncompleteException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Refused refused) {
            return render(refused);
        }
        if (cause instanceof StoreRefused refused) {
            return render(Refused.with(status(refused.reason()), refused.getMessage()));
        }
        if (cause instanceof StoreUnavailable unavailable) {
            LOG.warn("{}", unavailable.getMessage());
            return render(Refused.busy("The log of jobs cannot be reached now. Try again.", retryAfter));
        }
        if (cause instanceof EntityStreamSizeException) {
            return render(Refused.with(413, "The request body is too large for this call."));
        }
        if (cause instanceof TimeoutException) {
            return render(Refused.busy("The server is too busy to answer in time. Try again.", retryAfter));
        }
        if (cause instanceof EntityStreamException) {
            return render(Refused.with(400, "The request body broke off."));
        }
        if (cause instanceof IllegalUriException) {
            return render(Refused.with(400, "The request target is malformed."));
        }
        LOG.error("request failed", cause);
        return render(Refused.with(500, "The server failed to handle this request; its log says why."));
    }

    private static int status(StoreRefused.Reason reason) {
        return switch (reason) {
            case BAD_NAME -> 400;
            case OUTSIDE, READ_ONLY -> 403;
            case MISSING -> 404;
            case EXISTS -> 409;
            case TOO_LARGE -> 413;
            case QUEUE_FULL -> 503;
            case NO_SPACE -> 507;
        };
    }

    static HttpResponse notFound() {
        return render(Refused.with(404, "Not Found"));
    }

    static HttpResponse render(Refused refused) {
        var body = JsonNodeFactory.instance.objectNode();
        body.set("detail", refused.detail());
        body.putObject("error")
                .put("message", refused.text())
                .put("type", StatusCodes.get(refused.status()).reason())
                .put("param", refused.param().orElse(null))
                .put("code", refused.status());
        HttpResponse response = Replies.json(refused.status(), body);
        if (refused.retryAfter().isPresent()) {
            long seconds = Math.max(1, refused.retryAfter().get().toSeconds());
            response = response.addHeader(RawHeader.create("Retry-After", Long.toString(seconds)));
        }
        if (refused.status() == 401) {
            response = response.addHeader(RawHeader.create("WWW-Authenticate", "Bearer"));
        }
        return response;
    }
}
