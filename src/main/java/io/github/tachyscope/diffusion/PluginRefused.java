package io.github.tachyscope.diffusion;

/** A jar or a provider that is not taken in; the message is fit for the client. */
final class PluginRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final Plugins.Reason reason;

    PluginRefused(Plugins.Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    PluginRefused(Plugins.Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Plugins.Reason reason() {
        return reason;
    }

    Plugins.Failure failure(String file, String provider) {
        return new Plugins.Failure(file, provider, reason, getMessage());
    }
}
