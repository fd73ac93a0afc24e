package io.github.tachyscope.testkit;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Passes datagrams between one client and a server on the loopback address, all or most, until it is cut. */
public final class UdpRelay implements AutoCloseable {
    private static final int MAX_DATAGRAM = 2048;
    private static final long LOSS_SEED = 1;

    private final DatagramSocket towardsClient;
    private final DatagramSocket towardsServer;
    private final SocketAddress server;
    private volatile @Nullable SocketAddress client;
    private volatile boolean cut;
    private volatile double lost;

    public UdpRelay(int serverPort) throws SocketException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        towardsClient = new DatagramSocket(0, loopback);
        towardsServer = new DatagramSocket(0, loopback);
        server = new InetSocketAddress(loopback, serverPort);
        start("relay-up", towardsClient, towardsServer);
        start("relay-down", towardsServer, towardsClient);
    }

    /** Where the client has to send. */
    public int port() {
        return towardsClient.getLocalPort();
    }

    /** From now on this share of the datagrams is lost, each way. */
    public void lose(double share) {
        lost = share;
    }

    /** From now on nothing passes, as if the client's machine were gone. */
    public void cut() {
        cut = true;
    }

    private void start(String name, DatagramSocket from, DatagramSocket to) {
        Thread thread = new Thread(() -> pass(from, to), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void pass(DatagramSocket from, DatagramSocket to) {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
        Random random = new Random(LOSS_SEED);
        while (!from.isClosed()) {
            try {
                packet.setLength(MAX_DATAGRAM);
                from.receive(packet);
                boolean up = from == towardsClient;
                if (up) {
                    client = packet.getSocketAddress();
                }
                SocketAddress target = up ? server : client;
                if (!cut && target != null && random.nextDouble() >= lost) {
                    packet.setSocketAddress(target);
                    to.send(packet);
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    @Override
    public void close() {
        towardsClient.close();
        towardsServer.close();
    }
}
