package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BindAddressesTest {
    @Test
    void configuredAddressesGoBeforeTheHttpHost() throws Exception {
        assertEquals(
                List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("::1")),
                BindAddresses.choose(List.of("127.0.0.2", "::1"), "0.0.0.0"));
        assertEquals(List.of(InetAddress.getByName("127.0.0.1")), BindAddresses.choose(List.of(), "127.0.0.1"));
    }

    @Test
    void aWildcardMeansEveryAddressThatCanBeReached() throws Exception {
        List<InetAddress> all = BindAddresses.choose(List.of(), "0.0.0.0");

        assertFalse(all.isEmpty());
        assertTrue(all.stream().noneMatch(InetAddress::isAnyLocalAddress), all.toString());
        assertTrue(all.stream().noneMatch(InetAddress::isLinkLocalAddress), all.toString());
        assertTrue(all.get(all.size() - 1).isLoopbackAddress(), "loopback is nobody's first choice: " + all);
    }

    @Test
    void thePublicAddressIsResolvedAtStart() throws Exception {
        assertEquals(Optional.empty(), BindAddresses.resolve(Optional.empty()));
        assertEquals(
                Optional.of(InetAddress.getByName("203.0.113.9")), BindAddresses.resolve(Optional.of("203.0.113.9")));
    }
}
