package io.github.tachyscope.rtc.ice;

import io.github.tachyscope.rtc.sdp.IceCandidate;
import java.beans.PropertyChangeEvent;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.Agent;
import org.ice4j.ice.CandidateType;
import org.ice4j.ice.Component;
import org.ice4j.ice.IceMediaStream;
import org.ice4j.ice.IceProcessingState;
import org.ice4j.ice.KeepAliveStrategy;
import org.ice4j.ice.RemoteCandidate;
import org.ice4j.util.Buffer;
import org.ice4j.util.BufferPool;
import org.jitsi.utils.logging2.LoggerImpl;

/**
 * ICE of one connection: one agent with one stream of one component on the shared port.
 *
 * <pre>
 * open --start--> checking --> Connected, then Consented again and again
 *                         \--> Failed
 * any  --close--> freed; no event afterwards
 * </pre>
 *
 * Events come on threads of ice4j that all sessions share.
 */
public final class IceSession {
    private static final LoggerImpl LOG = new LoggerImpl("org.ice4j");
    private static final String STREAM = "media";
    private static final int RADIX = 36;

    private final List<SharedPort> ports;
    private final Agent agent;
    private final IceMediaStream stream;
    private final Component component;
    private final Executor undertaker;
    private final AtomicBoolean closed = new AtomicBoolean();

    private IceSession(
            List<SharedPort> ports, Agent agent, IceMediaStream stream, Component component, Executor undertaker) {
        this.ports = ports;
        this.agent = agent;
        this.stream = stream;
        this.component = component;
        this.undertaker = undertaker;
    }

    /** @param number unlike that of any other session of the process: makes the user fragment unique */
    static IceSession open(List<SharedPort> ports, long number, Executor undertaker) throws IOException {
        Agent agent = new Agent(Long.toString(number, RADIX) + "/", LOG);
        agent.setControlling(false);
        agent.setUseDynamicPorts(false);
        agent.setPerformConsentFreshness(true);
        String ufrag = agent.getLocalUfrag();
        ports.forEach(port -> {
            port.admit(ufrag);
            agent.addCandidateHarvester(port);
        });
        try {
            IceMediaStream stream = agent.createMediaStream(STREAM);
            Component component = agent.createComponent(stream, KeepAliveStrategy.SELECTED_ONLY, false);
            // Until the start nobody listens; what comes too early is sent again by the other side.
            component.setBufferCallback(BufferPool.returnBuffer::invoke);
            return new IceSession(ports, agent, stream, component, undertaker);
        } catch (IOException | RuntimeException failed) {
            ports.forEach(port -> port.forget(ufrag));
            agent.free();
            throw failed;
        }
    }

    public String ufrag() {
        return agent.getLocalUfrag();
    }

    public String password() {
        return agent.getLocalPassword();
    }

    /** Begins to check; once per session. The listener must return at once. */
    public void start(
            String remoteUfrag, String remotePassword, List<IceCandidate> candidates, Consumer<IceEvent> listener) {
        stream.setRemoteUfrag(remoteUfrag);
        stream.setRemotePassword(remotePassword);
        component.setBufferCallback(buffer -> deliver(buffer, listener));
        agent.addStateChangeListener(change -> stateChanged(change, listener));
        stream.addPairChangeListener(change -> {
            if (change.getPropertyName().equals(IceMediaStream.PROPERTY_PAIR_CONSENT_FRESHNESS_CHANGED)) {
                listener.accept(IceEvent.Consented.INSTANCE);
            }
        });
        candidates.forEach(candidate -> component.addRemoteCandidate(remote(candidate)));
        agent.startConnectivityEstablishment();
    }

    /** A candidate that became known after the start. */
    public void add(IceCandidate candidate) {
        if (!closed.get() && !agent.isOver()) {
            component.addUpdateRemoteCandidates(remote(candidate));
            component.updateRemoteCandidates();
        }
    }

    /** Sends a datagram; false while there is no way to the other side. */
    public boolean send(byte[] datagram) {
        if (closed.get()) {
            return false;
        }
        try {
            component.send(datagram, 0, datagram.length);
            return true;
        } catch (IOException | RuntimeException noPair) {
            // ice4j throws while no pair is valid, and unchecked ones when the agent is freed by another thread.
            return false;
        }
    }

    /** Ends the session and frees what it holds, in the background. */
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        String ufrag = agent.getLocalUfrag();
        ports.forEach(port -> port.forget(ufrag));
        try {
            undertaker.execute(agent::free);
        } catch (RejectedExecutionException portClosed) {
            agent.free();
        }
    }

    private void deliver(Buffer buffer, Consumer<IceEvent> listener) {
        int from = buffer.getOffset();
        byte[] copy = Arrays.copyOfRange(buffer.getBuffer(), from, from + buffer.getLength());
        BufferPool.returnBuffer.invoke(buffer);
        if (!closed.get()) {
            listener.accept(new IceEvent.Datagram(copy));
        }
    }

    private void stateChanged(PropertyChangeEvent change, Consumer<IceEvent> listener) {
        if (closed.get() || !(change.getNewValue() instanceof IceProcessingState state)) {
            return;
        }
        if (state == IceProcessingState.COMPLETED) {
            listener.accept(IceEvent.Connected.INSTANCE);
        } else if (state == IceProcessingState.FAILED) {
            listener.accept(IceEvent.Failed.INSTANCE);
        }
    }

    private RemoteCandidate remote(IceCandidate candidate) {
        return new RemoteCandidate(
                new TransportAddress(candidate.address(), Transport.UDP),
                component,
                type(candidate.type()),
                candidate.foundation(),
                candidate.priority(),
                null);
    }

    private static CandidateType type(IceCandidate.Type type) {
        return switch (type) {
            case HOST -> CandidateType.HOST_CANDIDATE;
            case SRFLX -> CandidateType.SERVER_REFLEXIVE_CANDIDATE;
            case PRFLX -> CandidateType.PEER_REFLEXIVE_CANDIDATE;
            case RELAY -> CandidateType.RELAYED_CANDIDATE;
        };
    }
}
