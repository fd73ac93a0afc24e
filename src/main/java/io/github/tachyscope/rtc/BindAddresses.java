package io.github.tachyscope.rtc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the addresses that take media. */
final class BindAddresses {
    private BindAddresses() {}

    /** The configured ones, else the HTTP host, else (when that is a wildcard) every address of the machine. */
    static List<InetAddress> choose(List<String> configured, String httpHost) throws IOException {
        if (!configured.isEmpty()) {
            List<InetAddress> named = new ArrayList<>();
            for (String address : configured) {
                named.add(InetAddress.getByName(address));
            }
            return named;
        }
        InetAddress host = InetAddress.getByName(httpHost);
        return host.isAnyLocalAddress() ? all() : List.of(host);
    }

    static Optional<InetAddress> resolve(Optional<String> address) throws IOException {
        return address.isPresent() ? Optional.of(InetAddress.getByName(address.get())) : Optional.empty();
    }

    /** Loopback last: browsers on the machine itself reach it too, but it is nobody's first choice. */
    private static List<InetAddress> all() throws IOException {
        List<InetAddress> outside = new ArrayList<>();
        List<InetAddress> loopback = new ArrayList<>();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (network.isUp()) {
                network.inetAddresses()
                        .filter(address -> !address.isLinkLocalAddress())
                        .forEach(address -> (address.isLoopbackAddress() ? loopback : outside).add(address));
            }
        }
        return Stream.concat(outside.stream(), loopback.stream()).toList();
    }
}
