package io.github.tachyscope.rtc.dtls;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.io.IOException;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.UseSRTPData;

/** A browser's end, as strict as {@link ServerSide}: DTLS 1.2, known fingerprint, SRTP or nothing. */
final class ClientSide extends DefaultTlsClient implements Side {
    /** First repeat of a lost flight; browsers begin with as little. */
    private static final int RESEND_MILLIS = 50;

    private static final byte[] NO_MKI = {};

    private final DtlsIdentity identity;
    private final List<Fingerprint> trusted;
    private final Duration timeout;
    private int profile;
    private Optional<SrtpExport> keys = Optional.empty();

    ClientSide(DtlsIdentity identity, List<Fingerprint> trusted, Duration timeout) {
        super(identity.crypto());
        this.identity = identity;
        this.trusted = trusted;
        this.timeout = timeout;
    }

    @Override
    public DTLSTransport shake(DatagramQueue network) throws IOException {
        return new DTLSClientProtocol().connect(this, network);
    }

    @Override
    public Optional<SrtpExport> keys() {
        return keys;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return Math.toIntExact(timeout.toMillis());
    }

    @Override
    public int getHandshakeResendTimeMillis() {
        return RESEND_MILLIS;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Hashtable getClientExtensions() throws IOException {
        Hashtable extensions = super.getClientExtensions();
        TlsSRTPUtils.addUseSRTPExtension(
                extensions,
                new UseSRTPData(new int[] {SrtpExport.AEAD_AES_128_GCM, SrtpExport.AES128_CM_SHA1_80}, NO_MKI));
        return extensions;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processServerExtensions(Hashtable extensions) throws IOException {
        super.processServerExtensions(extensions);
        UseSRTPData chosen = extensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(extensions);
        if (chosen == null || chosen.getProtectionProfiles().length != 1) {
            throw new TlsFatalAlert(AlertDescription.handshake_failure, "the server chose no SRTP profile");
        }
        profile = chosen.getProtectionProfiles()[0];
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(TlsServerCertificate shown) throws IOException {
                Fingerprint fingerprint = new Fingerprint(DtlsIdentity.sha256(
                        shown.getCertificate().getCertificateAt(0).getEncoded()));
                if (!trusted.contains(fingerprint)) {
                    throw new TlsFatalAlert(
                            AlertDescription.bad_certificate,
                            "the server's certificate is not the one its answer names");
                }
            }

            @Override
            public TlsCredentials getClientCredentials(CertificateRequest request) {
                return identity.signer(context);
            }
        };
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        byte[] exported = context.exportKeyingMaterial(SrtpExport.LABEL, null, SrtpExport.exportedBytes(profile));
        keys = Optional.of(SrtpExport.ofClient(profile, exported));
    }
}
