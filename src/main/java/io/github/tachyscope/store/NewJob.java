package io.github.tachyscope.store;

import io.github.tachyscope.store.StoreRefused.Reason;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A job that a face asks for.
 *
 * @param id given by the face: lower-case letters, digits, - and _
 * @param prompt what lists show of the request
 * @param owner who asks, in a form that is no secret, such as a hash
 * @param shape as planned
 * @param seed to be read without sign
 * @param planned steps and chunks, as far as they are known
 */
public record NewJob(
        String id,
        String face,
        String model,
        String prompt,
        String owner,
        JobRequest request,
        Place place,
        Job.Shape shape,
        long seed,
        Job.Progress planned) {
    /** Longest request and notes, in characters; protects memory. Pictures belong into files. */
    public static final int MAX_REQUEST = 16 << 20;

    /** Longest prompt, in characters; protects lists, which show it. */
    public static final int MAX_PROMPT = 64 << 10;

    /** Longest name of a model or an owner, in characters. */
    private static final int MAX_NAME = 200;

    private static final Pattern FACE = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    public NewJob {
        if (!Job.isId(id)) {
            throw new StoreRefused(Reason.BAD_NAME, "This is not an id that a job can have.");
        }
        if (!FACE.matcher(face).matches()) {
            throw new IllegalArgumentException("not a face: " + face);
        }
        limit("model", model, MAX_NAME);
        limit("prompt", prompt, MAX_PROMPT);
        limit("owner", owner, MAX_NAME);
        limit("request", request.json(), MAX_REQUEST);
        limit("request", request.notes().orElse(""), MAX_REQUEST);
    }

    static void limit(String what, String text, int most) {
        if (text.length() > most) {
            throw new StoreRefused(Reason.TOO_LARGE, "The " + what + " is longer than " + most + " characters.");
        }
    }

    /** Where in the queue, which all faces share. */
    public sealed interface Place {

        /** Behind all that are there now. */
        enum Back implements Place {
            INSTANCE
        }

        /** Before all that are there now, unless they were given a smaller number. */
        enum Front implements Place {
            INSTANCE
        }

        /** Where that number belongs: a job at the back has its number of arrival, one at the front that, negated. */
        record At(double priority) implements Place {
            public At {
                if (!Double.isFinite(priority)) {
                    throw new IllegalArgumentException("priority must be a number");
                }
            }
        }
    }

    /** As little as a job needs, at the back of the queue. */
    public static NewJob of(String id, String face, String model, String prompt, String json) {
        return new NewJob(
                id,
                face,
                model,
                prompt,
                "",
                new JobRequest(json, Optional.empty()),
                Place.Back.INSTANCE,
                new Job.Shape(0, 0, 0, 0),
                0,
                Job.Progress.NONE);
    }
}
