package io.github.tachyscope.rtc.ice;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The one UDP port for all peers, on one or more addresses of the machine. */
public final class IcePort implements AutoCloseable {
    /** A port that the system chose on the first address may be taken on the next; then another one is tried. */
    private static final int BIND_ATTEMPTS = 8;

    private static final long IDLE_SECONDS = 5;

    private final List<SharedPort> ports;
    private final AtomicLong sessions = new AtomicLong();
    /** Frees sessions one after the other: ice4j may wait for its own threads meanwhile. */
    private final ExecutorService undertaker;

    private IcePort(List<SharedPort> ports) {
        this.ports = List.copyOf(ports);
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> daemon(work));
        executor.allowCoreThreadTimeOut(true);
        this.undertaker = executor;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "ice-free");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Binds all addresses to one port number.
     *
     * @param port 0 lets the system choose
     */
    public static IcePort bind(List<InetAddress> addresses, int port) throws IOException {
        IceLibrary.prepare();
        for (int attempt = 1; ; attempt++) {
            List<SharedPort> bound = new ArrayList<>();
            try {
                int number = port;
                for (InetAddress address : addresses) {
                    SharedPort next = new SharedPort(new InetSocketAddress(address, number));
                    bound.add(next);
                    number = next.getLocalAddress().getPort();
                }
                return new IcePort(bound);
            } catch (BindException taken) {
                bound.forEach(SharedPort::close);
                if (port != 0 || bound.isEmpty() || attempt == BIND_ATTEMPTS) {
                    throw taken;
                }
            } catch (IOException failed) {
                bound.forEach(SharedPort::close);
                throw failed;
            }
        }
    }

    public int port() {
        return ports.get(0).getLocalAddress().getPort();
    }

    /** Where it listens. */
    public List<InetSocketAddress> addresses() {
        return ports.stream()
                .map(port -> new InetSocketAddress(
                        port.getLocalAddress().getAddress(),
                        port.getLocalAddress().getPort()))
                .toList();
    }

    /** Prepares one connection; nothing is sent before its start. */
    public IceSession open() throws IOException {
        return IceSession.open(ports, sessions.incrementAndGet(), undertaker);
    }

    /** Sessions opened and not closed. */
    public int openSessions() {
        return ports.get(0).sessions();
    }

    @Override
    public void close() {
        undertaker.shutdown();
        ports.forEach(SharedPort::close);
    }
}
