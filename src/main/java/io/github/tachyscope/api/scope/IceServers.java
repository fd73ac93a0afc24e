package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.config.RtcSettings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What browsers are told to use for ICE. TURN credentials are made for each request from a secret shared with the TURN
 * server: the user name is the time of expiry, the credential its HMAC-SHA1 (draft-uberti-behave-turn-rest-00).
 */
final class IceServers {
    private final RtcSettings settings;
    private final Clock clock;

    IceServers(RtcSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    ObjectNode render() {
        ObjectNode body = Json.object();
        ArrayNode servers = body.putArray("iceServers");
        for (RtcSettings.IceServer server : settings.iceServers()) {
            servers.add(entry(server.urls(), server.username(), server.credential()));
        }
        settings.turnSecret().ifPresent(turn -> {
            String user = clock.instant().plus(turn.lifetime()).getEpochSecond() + ":tachyscope";
            servers.add(entry(turn.urls(), Optional.of(user), Optional.of(credential(turn.secret(), user))));
        });
        return body;
    }

    private static ObjectNode entry(List<String> urls, Optional<String> username, Optional<String> credential) {
        ObjectNode entry = Json.object();
        ArrayNode list = entry.putArray("urls");
        urls.forEach(list::add);
        entry.set("username", Json.text(username));
        entry.set("credential", Json.text(credential));
        return entry;
    }

    private static String credential(String secret, String user) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            return Base64.getEncoder().encodeToString(mac.doFinal(user.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
