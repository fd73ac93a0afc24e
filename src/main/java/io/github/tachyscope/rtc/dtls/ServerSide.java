package io.github.tachyscope.rtc.dtls;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.io.IOException;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;

/**
 * What we ask of a client: DTLS 1.2 with an ECDHE-ECDSA suite, the extended master secret (RFC 7627), a certificate
 * with a known fingerprint (RFC 8122) and an SRTP profile (RFC 5764). Anything missing ends the handshake.
 */
final class ServerSide extends DefaultTlsServer implements Side {
    /** First repeat of a lost flight; the library doubles it. A browser repeats its own after 50 ms and more. */
    private static final int RESEND_MILLIS = 250;

    private static final int[] SUITES = {
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    };
    private static final int[] PROFILES = {SrtpExport.AEAD_AES_128_GCM, SrtpExport.AES128_CM_SHA1_80};
    private static final byte[] NO_MKI = {};

    private final DtlsIdentity identity;
    private final List<Fingerprint> trusted;
    private final Duration timeout;
    private int profile;
    private Optional<SrtpExport> keys = Optional.empty();

    ServerSide(DtlsIdentity identity, List<Fingerprint> trusted, Duration timeout) {
        super(identity.crypto());
        this.identity = identity;
        this.trusted = trusted;
        this.timeout = timeout;
    }

    @Override
    public DTLSTransport shake(DatagramQueue network) throws IOException {
        return new DTLSServerProtocol().accept(this, network);
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
        return TlsUtils.getSupportedCipherSuites(getCrypto(), SUITES);
    }

    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
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
    public TlsCredentials getCredentials() {
        return identity.signer(context);
    }

    @Override
    public CertificateRequest getCertificateRequest() {
        Vector<SignatureAndHashAlgorithm> signatures = new Vector<>(List.of(
                new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa),
                new SignatureAndHashAlgorithm(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa),
                new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.rsa)));
        return new CertificateRequest(
                new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign}, signatures, null);
    }

    @Override
    public void notifyClientCertificate(Certificate certificate) throws IOException {
        if (certificate == null || certificate.isEmpty()) {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, "the client shows no certificate");
        }
        Fingerprint shown = new Fingerprint(
                DtlsIdentity.sha256(certificate.getCertificateAt(0).getEncoded()));
        if (!trusted.contains(shown)) {
            throw new TlsFatalAlert(
                    AlertDescription.bad_certificate, "the client's certificate is not the one its offer names");
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processClientExtensions(Hashtable extensions) throws IOException {
        super.processClientExtensions(extensions);
        UseSRTPData offered = extensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(extensions);
        profile = offered == null ? 0 : choose(offered.getProtectionProfiles());
        if (profile == 0) {
            throw new TlsFatalAlert(AlertDescription.handshake_failure, "the client offers no usable SRTP profile");
        }
    }

    private static int choose(int[] offered) {
        for (int wanted : PROFILES) {
            for (int other : offered) {
                if (other == wanted) {
                    return wanted;
                }
            }
        }
        return 0;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Hashtable getServerExtensions() throws IOException {
        Hashtable extensions = super.getServerExtensions();
        Hashtable all = extensions == null ? new Hashtable() : extensions;
        TlsSRTPUtils.addUseSRTPExtension(all, new UseSRTPData(new int[] {profile}, NO_MKI));
        return all;
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        byte[] exported = context.exportKeyingMaterial(SrtpExport.LABEL, null, SrtpExport.exportedBytes(profile));
        keys = Optional.of(SrtpExport.ofServer(profile, exported));
    }
}
