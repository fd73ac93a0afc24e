package io.github.tachyscope.rtc.dtls;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.io.IOException;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.UseSRTPData;

/** The browser's side of DTLS, inside the process, with faults on demand. */
public final class DtlsTestClient {
    private final DtlsIdentity identity = DtlsIdentity.generate();
    private final DatagramQueue queue;
    private List<Integer> profiles = List.of(SrtpExport.AEAD_AES_128_GCM, SrtpExport.AES128_CM_SHA1_80);
    private int suite = CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    private boolean showsCertificate = true;
    private boolean extendedMasterSecret = true;
    private ProtocolVersion version = ProtocolVersion.DTLSv12;

    /** What the client has after the handshake. */
    public record Connected(DtlsChannel channel, byte[] exported, int profile, Fingerprint server) {}

    public DtlsTestClient(Consumer<byte[]> outgoing) {
        queue = new DatagramQueue(outgoing);
    }

    public Fingerprint fingerprint() {
        return identity.fingerprint();
    }

    public DtlsTestClient profiles(List<Integer> offered) {
        profiles = offered;
        return this;
    }

    public DtlsTestClient chaCha20() {
        suite = CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
        return this;
    }

    public DtlsTestClient withoutCertificate() {
        showsCertificate = false;
        return this;
    }

    public DtlsTestClient withoutExtendedMasterSecret() {
        extendedMasterSecret = false;
        return this;
    }

    public DtlsTestClient dtls10() {
        version = ProtocolVersion.DTLSv10;
        return this;
    }

    public void receive(byte[] datagram) {
        queue.offer(datagram);
    }

    public void close() {
        queue.close();
    }

    /** Runs the handshake on a thread of its own. */
    public CompletableFuture<Connected> connect() {
        CompletableFuture<Connected> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        ClientSide side = new ClientSide();
                        DTLSTransport transport = new DTLSClientProtocol().connect(side, queue);
                        result.complete(new Connected(
                                new DtlsChannel(transport, queue),
                                side.exported.orElseThrow(),
                                side.profile,
                                side.server.orElseThrow()));
                    } catch (IOException | RuntimeException failed) {
                        result.completeExceptionally(failed);
                    }
                },
                "dtls-test-client");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private final class ClientSide extends DefaultTlsClient {
        private Optional<byte[]> exported = Optional.empty();
        private Optional<Fingerprint> server = Optional.empty();
        private int profile;

        ClientSide() {
            super(identity.crypto());
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return version.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return version == ProtocolVersion.DTLSv10
                    ? new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
                    : new int[] {suite};
        }

        @Override
        public boolean shouldUseExtendedMasterSecret() {
            return extendedMasterSecret;
        }

        @Override
        public int getHandshakeTimeoutMillis() {
            return 5000;
        }

        @Override
        public int getHandshakeResendTimeMillis() {
            return 100;
        }

        @Override
        @SuppressWarnings({"rawtypes", "unchecked"})
        public Hashtable getClientExtensions() throws IOException {
            Hashtable extensions = super.getClientExtensions();
            if (!profiles.isEmpty()) {
                TlsSRTPUtils.addUseSRTPExtension(
                        extensions,
                        new UseSRTPData(
                                profiles.stream().mapToInt(Integer::intValue).toArray(), new byte[0]));
            }
            return extensions;
        }

        @Override
        @SuppressWarnings("rawtypes")
        public void processServerExtensions(Hashtable extensions) throws IOException {
            super.processServerExtensions(extensions);
            profile = TlsSRTPUtils.getUseSRTPExtension(extensions).getProtectionProfiles()[0];
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return new TlsAuthentication() {
                @Override
                public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
                    server = Optional.of(new Fingerprint(DtlsIdentity.sha256(
                            certificate.getCertificate().getCertificateAt(0).getEncoded())));
                }

                @Override
                public TlsCredentials getClientCredentials(CertificateRequest request) {
                    return showsCertificate ? identity.signer(context) : null;
                }
            };
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            exported = Optional.of(
                    context.exportKeyingMaterial(SrtpExport.LABEL, null, SrtpExport.exportedBytes(profile)));
        }
    }
}
