package io.github.tachyscope.rtc.srtp;

import java.lang.reflect.Proxy;
import org.jitsi.utils.logging2.Logger;

/**
 * Keeps the library silent: what it would log are packets that strangers sent, one line each. They are counted by
 * their {@link SrtpRejected.Reason} instead.
 */
final class QuietLogger {
    static final Logger INSTANCE = (Logger) Proxy.newProxyInstance(
            Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (self, method, args) -> {
                if (method.getReturnType() == Logger.class) {
                    return self;
                }
                if (method.getReturnType() == boolean.class) {
                    return false;
                }
                if (method.getReturnType() == java.util.logging.Level.class) {
                    return java.util.logging.Level.OFF;
                }
                return null;
            });

    private QuietLogger() {}
}
