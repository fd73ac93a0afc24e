package io.github.tachyscope.api.video;

/** A field of a generation request has a value that is not allowed; the message names it and is fit for the client. */
public final class FieldRejected extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String field;

    /** @param message goes on after the name of the field: what was wrong, what is allowed */
    public FieldRejected(String field, String message) {
        super(field + " " + message, null, false, false);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
