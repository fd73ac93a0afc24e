package io.github.tachyscope.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.ServerSettings;
import io.github.tachyscope.testkit.RunningApi;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemIdentityIT {
    @TempDir
    private Path directory;

    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    private static X509Certificate certify(KeyPair pair) throws Exception {
        String algorithm = pair.getPublic().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        X500Name name = new X500Name("CN=127.0.0.1");
        Date from = new Date(System.currentTimeMillis() - 60_000);
        Date to = new Date(System.currentTimeMillis() + 3_600_000);
        var builder = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, from, to, name, pair.getPublic());
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate())));
    }

    private Path pem(String file, String label, byte[] der) throws Exception {
        String text = "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
        return Files.writeString(directory.resolve(file), text);
    }

    private static byte[] bare(KeyPair pair) throws Exception {
        return PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
    }

    @Test
    void speaksHttpsWithAKeyInEachForm() throws Exception {
        KeyPair rsa = pair("RSA");
        KeyPair ec = pair("EC");
        serves(rsa, pem("rsa8.pem", "PRIVATE KEY", rsa.getPrivate().getEncoded()));
        serves(rsa, pem("rsa1.pem", "RSA PRIVATE KEY", bare(rsa)));
        serves(ec, pem("ec1.pem", "EC PRIVATE KEY", bare(ec)));
    }

    private void serves(KeyPair pair, Path key) throws Exception {
        X509Certificate certificate = certify(pair);
        Path chain = pem("chain.pem", "CERTIFICATE", certificate.getEncoded());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder().sslContext(context).build();
        String tls = "tachyscope.server.tls { certificate = \"" + chain + "\", private-key = \"" + key + "\" }";
        try (RunningApi api = new RunningApi(client, directory, tls)) {
            assertEquals(200, api.get("/health").statusCode(), key.toString());
        }
    }

    @Test
    void saysWhatIsWrongWithTheFiles() throws Exception {
        KeyPair pair = pair("EC");
        Path chain = pem("chain.pem", "CERTIFICATE", certify(pair).getEncoded());
        Path key = pem("key.pem", "PRIVATE KEY", pair.getPrivate().getEncoded());
        refused("cannot read", chain, directory.resolve("none.pem"));
        refused("no PEM private key", chain, chain);
        refused(
                "does not belong",
                chain,
                pem("other.pem", "PRIVATE KEY", pair("EC").getPrivate().getEncoded()));
        refused(
                "algorithm",
                chain,
                pem("rsa.pem", "PRIVATE KEY", pair("RSA").getPrivate().getEncoded()));
        refused("is encrypted", chain, pem("secret.pem", "ENCRYPTED PRIVATE KEY", new byte[40]));
        refused("algorithm", chain, pem("short.pem", "EC PRIVATE KEY", new byte[3]));
        refused("not a PEM certificate", pem("broken.pem", "CERTIFICATE", new byte[20]), key);
        refused("no certificate", Files.writeString(directory.resolve("empty.pem"), ""), key);
    }

    private static void refused(String text, Path chain, Path key) {
        IllegalArgumentException failure = assertThrows(
                IllegalArgumentException.class, () -> PemIdentity.context(new ServerSettings.Tls(chain, key)));
        assertTrue(failure.getMessage().contains(text), failure.getMessage());
    }
}
