package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.testkit.LibWebRtcPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A real Chromium: a canvas goes to the server and comes back, beside a data channel, with mDNS candidates only. */
class ChromiumIT {
    private static final Path BROWSER = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    private static final String OFFER = """
            const done = arguments[0];
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 256;
            const paint = canvas.getContext('2d');
            let n = 0;
            setInterval(() => { paint.fillStyle = `hsl(${n++ % 360} 80% 50%)`; paint.fillRect(0, 0, 256, 256); }, 33);
            const pc = window.pc = new RTCPeerConnection();
            window.texts = [];
            const channel = window.channel = pc.createDataChannel('parameters');
            channel.onmessage = event => window.texts.push(event.data);
            channel.onopen = () => channel.send('hello');
            window.video = document.createElement('video');
            video.muted = true;
            pc.ontrack = event => { if (event.track.kind === 'video' && !video.srcObject) {
                video.srcObject = event.streams[0]; video.play(); } };
            pc.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
            pc.addTransceiver('audio', { direction: 'recvonly' });
            pc.addTransceiver('video', { direction: 'recvonly' });
            pc.createOffer().then(offer => pc.setLocalDescription(offer)).then(() => done(pc.localDescription.sdp));
            """;

    private static final String ANSWER = """
            const done = arguments[1];
            pc.setRemoteDescription({ type: 'answer', sdp: arguments[0] }).then(() => done('ok'), e => done(String(e)));
            """;

    @TempDir
    private Path profile;

    @Test
    void aCanvasComesBackDecoded() {
        assumeTrue(Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER), "no Chromium on this machine");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(BROWSER.toFile());
        options.addArguments(List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
        ChromeDriver browser = new ChromeDriver(service, options);
        try (EchoServer server = new EchoServer()) {
            browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(20));
            browser.get("about:blank");
            EchoServer.Session session = server.accept((String) browser.executeAsyncScript(OFFER));

            assertTrue("ok".equals(browser.executeAsyncScript(ANSWER, session.answer)), session.answer);

            LibWebRtcPeer.await(
                    "decoded pictures",
                    () -> Boolean.TRUE.equals(
                            browser.executeScript(
                                    "return video.videoWidth === 256 && video.getVideoPlaybackQuality().totalVideoFrames > 30")));
            LibWebRtcPeer.await(
                    "an echo", () -> Boolean.TRUE.equals(browser.executeScript("return texts.includes('hello')")));
            browser.executeScript("pc.close()");
            assertTrue(session.awaitClosed(10).reason() == Peer.CloseReason.REMOTE);
        } finally {
            browser.quit();
        }
    }
}
