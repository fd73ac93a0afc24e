package io.github.tachyscope.fetch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPolicyTest {
    /** Names of this test; everything else is resolved as an address. */
    private static final Map<String, String> NAMES = Map.of(
            "hub.example", "93.184.216.34",
            "cdn.hub.example", "2606:2800:220:1::1",
            "inside.hub.example", "10.0.0.7",
            "hub.example.evil.example", "93.184.216.34",
            "mirror.local", "192.168.1.4");

    private final HostPolicy policy = new HostPolicy(
            List.of("hub.example", "*.hub.example"),
            List.of(URI.create("http://mirror.local:8080/base")),
            false,
            HostPolicyTest::resolve);

    private static InetAddress[] resolve(String host) throws UnknownHostException {
        if (!NAMES.containsKey(host) && !host.matches("[0-9.]+|\\[.*]")) {
            throw new UnknownHostException(host);
        }
        return InetAddress.getAllByName(NAMES.getOrDefault(host, host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://hub.example/a",
                "https://HUB.example:443/a?b=c",
                "https://hub.example./a",
                "https://cdn.hub.example/a",
                "http://mirror.local:8080/other"
            })
    void allowsWhatIsOnTheListAndWhatTheOperatorNamed(String address) {
        assertDoesNotThrow(() -> policy.check(URI.create(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://hub.example/a",
                "https://hub.example:8443/a",
                "https://user@hub.example/a",
                "https://hub.example.evil.example/a",
                "https://evilhub.example/a",
                "https://inside.hub.example/a",
                "https://mirror.local:8080/a",
                "http://mirror.local/a",
                "http://me:secret@mirror.local:8080/a",
                "file:///etc/passwd",
                "ftp://hub.example/a",
                "https:///a",
                "hub.example/a",
                "jar:https://hub.example/a!/b",
                "https://127.0.0.1/a"
            })
    void refusesEverythingElse(String address) {
        assertEquals(Kind.NOT_ALLOWED, refused(policy, address).kind(), address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "0.1.2.3",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "[::1]",
                "[::]",
                "[fe80::1]",
                "[fc00::1]",
                "[fd12:3456::1]",
                "[ff02::1]",
                "[::ffff:127.0.0.1]",
                "[64:ff9b::7f00:1]",
                "[64:ff9b:1::7f00:1]",
                "[2002:7f00:1::]",
                "[2001::1]",
                "[2001:db8::1]",
                "2130706433"
            })
    void noAddressThatIsNotPublicIsAskedEvenWhenEveryHostIsAllowed(String host) {
        HostPolicy open = new HostPolicy(List.of(HostPolicy.ANY_HOST), List.of(), false, HostPolicyTest::resolve);
        assertEquals(Kind.NOT_ALLOWED, refused(open, "https://" + host + "/a").kind(), host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "100.128.0.1", "172.32.0.1", "[2606:2800:220:1::1]", "[64:ff9b::808:808]"})
    void publicAddressesAreAskedWhenEveryHostIsAllowed(String host) {
        HostPolicy open = new HostPolicy(List.of(HostPolicy.ANY_HOST), List.of(), false, HostPolicyTest::resolve);
        assertDoesNotThrow(() -> open.check(URI.create("https://" + host + "/a")));
    }

    @Test
    void oneAddressThatIsNotPublicIsEnough() {
        HostPolicy mixed = new HostPolicy(List.of("hub.example"), List.of(), false, host ->
                new InetAddress[] {InetAddress.getByName("93.184.216.34"), InetAddress.getByName("10.0.0.1")});
        assertEquals(Kind.NOT_ALLOWED, refused(mixed, "https://hub.example/").kind());
    }

    @Test
    void aHostThatIsNotFoundMayBeFoundLater() {
        assertEquals(
                Kind.UNREACHABLE, refused(policy, "https://gone.hub.example/").kind());
    }

    @Test
    void offlineAllowsNothingAndSaysSo() {
        FetchFailed refusal = refused(HostPolicy.offline(), "https://hub.example/");
        assertTrue(refusal.getMessage().contains("tachyscope.models.offline"), refusal.getMessage());
    }

    @Test
    void neverShowsTheRestOfAnAddress() {
        FetchFailed refusal = refused(policy, "https://other.example/a?signature=secret");
        assertTrue(!refusal.getMessage().contains("secret"), refusal.getMessage());
    }

    private static FetchFailed refused(HostPolicy policy, String address) {
        return assertThrows(FetchFailed.class, () -> policy.check(URI.create(address)), address);
    }
}
