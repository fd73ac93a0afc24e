package io.github.tachyscope.api;

import io.github.tachyscope.config.ServerSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The server's certificate and key, read from PEM files: PKCS#8 ({@code PRIVATE KEY}, RFC 5958), PKCS#1
 * ({@code RSA PRIVATE KEY}, RFC 8017) or SEC 1 ({@code EC PRIVATE KEY}, RFC 5915). The latter two are wrapped as PKCS#8
 * with the algorithm that the certificate names.
 */
final class PemIdentity {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private PemIdentity() {}

    /** @throws IllegalArgumentException with a text for the operator */
    static SSLContext context(ServerSettings.Tls files) {
        X509Certificate[] chain = chain(files.certificate());
        PrivateKey key = key(files.privateKey(), chain[0].getPublicKey());
        checkPair(files, key, chain[0].getPublicKey());
        try {
            char[] noPassword = new char[0];
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, noPassword);
            store.setKeyEntry("server", key, noPassword, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, noPassword);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalArgumentException(
                    "tachyscope.server.tls cannot be used: " + failure.getMessage(), failure);
        }
    }

    private static X509Certificate[] chain(Path file) {
        try {
            var found =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(read(file)));
            if (found.isEmpty()) {
                throw new IllegalArgumentException("tachyscope.server.tls.certificate: no certificate in " + file);
            }
            return found.stream().map((Certificate c) -> (X509Certificate) c).toArray(X509Certificate[]::new);
        } catch (GeneralSecurityException broken) {
            throw new IllegalArgumentException(
                    "tachyscope.server.tls.certificate: " + file + " is not a PEM certificate", broken);
        }
    }

    private static PrivateKey key(Path file, PublicKey certified) {
        Matcher matcher = KEY.matcher(new String(read(file), StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IllegalArgumentException("tachyscope.server.tls.private-key: no PEM private key in " + file);
        }
        String kind = matcher.group(1);
        if (kind.startsWith("ENCRYPTED")) {
            throw new IllegalArgumentException("tachyscope.server.tls.private-key: " + file
                    + " is encrypted; write it without a pass phrase (openssl pkey -in key -out plain)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
            byte[] pkcs8 = kind.equals("PRIVATE KEY") ? der : wrap(der, certified);
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw new IllegalArgumentException(
                    "tachyscope.server.tls.private-key: " + file + " is not a key of the certificate's algorithm, "
                            + certified.getAlgorithm(),
                    broken);
        }
    }

    private static byte[] wrap(byte[] key, PublicKey certified) {
        byte[] version = {2, 1, 0};
        return der(0x30, version, algorithm(certified.getEncoded()), der(0x04, key));
    }

    /** The AlgorithmIdentifier: the first element inside the SEQUENCE of a SubjectPublicKeyInfo. */
    private static byte[] algorithm(byte[] publicKeyInfo) {
        int start = contentStart(publicKeyInfo, 0);
        int content = contentStart(publicKeyInfo, start);
        return Arrays.copyOfRange(publicKeyInfo, start, content + length(publicKeyInfo, start));
    }

    private static int contentStart(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    private static void checkPair(ServerSettings.Tls files, PrivateKey key, PublicKey certified) {
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm();
        };
        try {
            byte[] probe = "tachyscope".getBytes(StandardCharsets.US_ASCII);
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signature = signer.sign();
            signer.initVerify(certified);
            signer.update(probe);
            if (signer.verify(signature)) {
                return;
            }
        } catch (GeneralSecurityException mismatch) {
            // Told below: to the operator it is the same.
        }
        throw new IllegalArgumentException("tachyscope.server.tls: the key in " + files.privateKey()
                + " does not belong to the first certificate in " + files.certificate());
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw new IllegalArgumentException("tachyscope.server.tls: cannot read " + file, failure);
        }
    }
}
