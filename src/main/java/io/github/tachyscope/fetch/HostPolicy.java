package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses this server may ask, so that nobody makes it ask its own network.
 *
 * <pre>
 * origin named by the operator  -> allowed as it is (mirrors, intranets)
 * else: https, usual port, no user in it, host on the list, all its addresses public
 * </pre>
 *
 * <p>Names are resolved here and again when the connection is made. Java keeps what it resolved for 30 seconds, so both see
 * the same; {@link Fetch} asks once more when the reply has begun, which covers the change of a name in between.
 */
public final class HostPolicy {
    /** On the list: every host with public addresses. */
    public static final String ANY_HOST = "*";

    private static final int HTTPS_PORT = 443;

    /** Finds the addresses of a host. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final List<String> allowed;
    private final Set<String> trusted;
    private final boolean offline;
    private final Resolver resolver;

    HostPolicy(Collection<String> allowed, Collection<URI> trusted, boolean offline, Resolver resolver) {
        this.allowed =
                allowed.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        this.trusted = trusted.stream().map(HostPolicy::origin).collect(Collectors.toUnmodifiableSet());
        this.offline = offline;
        this.resolver = resolver;
    }

    /**
     * @param allowed hosts: {@code example.org}, {@code *.example.org} for those below it, {@link #ANY_HOST} for all
     * @param trusted addresses whose scheme, host and port are allowed as they are
     */
    public static HostPolicy of(Collection<String> allowed, Collection<URI> trusted) {
        return new HostPolicy(allowed, trusted, false, InetAddress::getAllByName);
    }

    /** Allows nothing. */
    public static HostPolicy offline() {
        return new HostPolicy(List.of(), List.of(), true, InetAddress::getAllByName);
    }

    /**
     * Resolves the host, which may take a while.
     *
     * @throws FetchFailed if the address must not be asked, or its host is unknown
     */
    public void check(URI address) {
        if (offline) {
            throw refused("This server works offline (tachyscope.models.offline) and fetches nothing.");
        }
        String host = host(address);
        if (address.getRawUserInfo() != null) {
            throw refused("An address must not carry a user or password.");
        }
        if (trusted.contains(origin(address))) {
            return;
        }
        if (!"https".equalsIgnoreCase(address.getScheme())
                || address.getPort() != -1 && address.getPort() != HTTPS_PORT) {
            throw refused("Only https addresses at the usual port are fetched, not " + shown(address) + ".");
        }
        if (allowed.stream().noneMatch(pattern -> matches(pattern, host))) {
            throw refused("The host " + host + " is not among those that this server fetches from"
                    + " (tachyscope.models.allowed-hosts).");
        }
        for (InetAddress found : resolve(host)) {
            if (!PublicAddress.is(found)) {
                throw refused("The host " + host + " leads to a private address, which is not fetched from.");
            }
        }
    }

    private InetAddress[] resolve(String host) {
        try {
            return resolver.resolve(host);
        } catch (UnknownHostException unknown) {
            throw new FetchFailed(Kind.UNREACHABLE, "The host " + host + " cannot be found.");
        }
    }

    private static boolean matches(String pattern, String host) {
        return pattern.equals(ANY_HOST)
                || pattern.equals(host)
                || pattern.startsWith("*.") && host.endsWith(pattern.substring(1));
    }

    private static String host(URI address) {
        String host = address.getHost();
        if (host == null || host.isEmpty()) {
            throw refused("The address names no host.");
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.toLowerCase(Locale.ROOT);
    }

    /** Scheme, host and port, the usual port left out. */
    static String origin(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? HTTPS_PORT : 80;
        int port = address.getPort() == -1 ? usual : address.getPort();
        return scheme + "://" + host(address) + ":" + port;
    }

    /** Without path and query: signed addresses are secrets. */
    static String shown(URI address) {
        return address.getScheme() + "://" + address.getHost()
                + (address.getPort() == -1 ? "" : ":" + address.getPort());
    }

    private static FetchFailed refused(String message) {
        return new FetchFailed(Kind.NOT_ALLOWED, message);
    }
}
