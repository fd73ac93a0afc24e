package io.github.tachyscope.fetch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever a hub lists, and whatever address a client names: an answer or a {@link FetchFailed}. */
class HubFuzzTest {
    private static final int LISTINGS = 10_000;
    private static final int ADDRESSES = 10_000;
    private static final String LISTING = "[{\"type\":\"directory\",\"path\":\"unet\",\"size\":0},{\"type\":\"file\","
            + "\"path\":\"unet/config.json\",\"size\":12,\"oid\":\"0123456789abcdef0123456789abcdef01234567\"},"
            + "{\"type\":\"file\",\"path\":\"unet/w.safetensors\",\"size\":12345,\"lfs\":{\"oid\":\""
            + "ab".repeat(32) + "\"}}]";

    private static byte[] mutated(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            bytes[random.nextInt(bytes.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : ",]}\"-9{".charAt(random.nextInt(7)));
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    @Test
    void aListingIsReadOrRefused() {
        for (int seed = 0; seed < LISTINGS; seed++) {
            byte[] body = mutated(LISTING, new Random(seed));
            try {
                for (HubFile file : Hub.parse(body)) {
                    assertTrue(file.bytes() >= 0 && !file.path().isEmpty(), "seed " + seed);
                }
            } catch (FetchFailed refused) {
                continue;
            } catch (RuntimeException escaped) {
                throw new AssertionError("seed " + seed, escaped);
            }
        }
    }

    @Test
    void anAddressNamesAFileOrNothing() {
        HostPolicy policy = new HostPolicy(List.of("huggingface.co"), List.of(), false, host -> new InetAddress[0]);
        Patience patience = new Patience(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), 1, Duration.ZERO, Duration.ZERO);
        Hub hub = new Hub(new Fetch(policy, patience), URI.create("https://huggingface.co"), Optional::empty);
        for (int seed = 0; seed < ADDRESSES; seed++) {
            String text = new String(
                    mutated("https://huggingface.co/owner/name/resolve/main/unet/w.safetensors?x=1", new Random(seed)),
                    StandardCharsets.ISO_8859_1);
            try {
                URI address = URI.create(text);
                hub.named(address)
                        .ifPresent(named -> hub.fileAddress(named.repository(), named.revision(), named.path()));
                policy.check(address);
            } catch (FetchFailed refused) {
                continue;
            } catch (IllegalArgumentException malformed) {
                assertTrue(isNoUri(text), "seed " + seed + ": " + malformed);
            } catch (RuntimeException escaped) {
                throw new AssertionError("seed " + seed, escaped);
            }
        }
    }

    private static boolean isNoUri(String text) {
        try {
            URI.create(text);
            return false;
        } catch (IllegalArgumentException malformed) {
            return true;
        }
    }
}
