package io.github.tachyscope.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;

/** A headless Chromium with a fake camera: opens pages, collects their complaints, looks at their pictures. */
public final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 50;

    /** Notes what a page writes to the console as an error, does not catch, or is refused by its own policy. */
    private static final String WATCH = """
            window.complaints = [];
            for (const level of ['error', 'warn']) {
              const before = console[level];
              console[level] = (...words) => { complaints.push(level + ': ' + words.join(' ')); before(...words); };
            }
            addEventListener('error', (event) => complaints.push('uncaught: ' + (event.message ?? event.target?.src)), true);
            addEventListener('unhandledrejection', ({ reason }) => complaints.push('unhandled: ' + reason));
            document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
              complaints.push('policy: ' + violatedDirective + ' ' + blockedURI));
            """;

    private static final String LOOK = """
            const video = document.querySelector(arguments[0]);
            if (!video || video.readyState < 2 || video.videoWidth === 0) return null;
            const side = arguments[1];
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = side;
            const context = canvas.getContext('2d', { willReadFrequently: true });
            context.imageSmoothingQuality = 'high';
            context.drawImage(video, 0, 0, side, side);
            return Array.from(context.getImageData(0, 0, side, side).data).filter((_, i) => i % 4 !== 3);
            """;

    /** Remarks at each start that it does not know this Chromium's own protocol, which we do not use through it. */
    private static final Logger REMARKS = Logger.getLogger("org.openqa.selenium.devtools");

    static {
        REMARKS.setLevel(Level.SEVERE);
    }

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Why no browser can be started here, if so. */
    public static Optional<String> missing() {
        return List.of(CHROMIUM, DRIVER).stream()
                .filter(file -> !Files.isExecutable(file))
                .findFirst()
                .map(file -> "there is no " + file + " on this machine");
    }

    /** @param profile an empty directory */
    public static Browser start(Path profile) {
        return start(profile, List.of());
    }

    /** Its camera films a file, again and again. */
    public static Browser filming(Path y4m, Path profile) {
        return start(profile, List.of("--use-file-for-fake-video-capture=" + y4m.toAbsolutePath()));
    }

    private static Browser start(Path profile, List<String> further) {
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.WARNING);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.setCapability(ChromeOptions.LOGGING_PREFS, logging);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--force-device-scale-factor=1",
                "--user-data-dir=" + profile.toAbsolutePath());
        options.addArguments(further);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
        Browser browser = new Browser(new ChromeDriver(service, options));
        browser.prelude(WATCH);
        browser.size(1440, 900);
        return browser;
    }

    /** Runs a script in each page before the page's own; the result takes it back. */
    public Runnable prelude(String script) {
        Object id = command("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script))
                .get("identifier");
        return () -> command("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", id));
    }

    /** Size of what the page sees as its window. */
    public void size(int width, int height) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Chromium's own commands, for what the driver protocol lacks. */
    public Map<String, Object> command(String name, Map<String, Object> parameters) {
        return driver.executeCdpCommand(name, parameters);
    }

    public void open(String url) {
        driver.get(url);
    }

    public void click(String selector) {
        find(selector).click();
    }

    /** Chooses an entry of a list by its value. */
    public void choose(String selector, String value) {
        new Select(find(selector)).selectByValue(value);
    }

    /** Replaces the text of a field and presses Enter. */
    public void enter(String selector, String text) {
        WebElement field = find(selector);
        field.sendKeys(Keys.chord(Keys.CONTROL, "a"), text, Keys.ENTER);
    }

    /** Presses keys where the focus is. */
    public void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    public String text(String selector) {
        return find(selector).getText();
    }

    private WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    /** The value that a function body returns. */
    public Object evaluate(String script, Object... arguments) {
        return ((JavascriptExecutor) driver).executeScript(script, arguments);
    }

    public boolean holds(String condition) {
        return Boolean.TRUE.equals(evaluate("return Boolean(" + condition + ")"));
    }

    /** Waits until an expression is true in the page. */
    public void until(String condition) {
        until(condition, () -> holds(condition) ? Optional.of(true) : Optional.empty());
    }

    /** Asks again and again until there is an answer; complains with what was wanted and how the page stands. */
    public <T> T until(String wanted, Supplier<Optional<T>> question) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Optional<T> answer = question.get();
        while (answer.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + wanted + "; status: "
                        + evaluate("return document.querySelector('#status')?.textContent") + "; complaints: "
                        + complaints());
            }
            pause();
            answer = question.get();
        }
        return answer.get();
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What a video shows now; empty before its first frame. */
    public Optional<Thumbnail> look(String selector) {
        Object values = evaluate(LOOK, selector, Thumbnail.SIDE);
        return values instanceof List<?> list ? Optional.of(Thumbnail.of(list)) : Optional.empty();
    }

    /** Waits for a picture that is as wanted. */
    public Thumbnail lookUntil(String selector, String wanted, Predicate<Thumbnail> test) {
        return until(wanted, () -> look(selector).filter(test));
    }

    /** What the page complained of since the last call. */
    public List<String> complaints() {
        List<String> all = new ArrayList<>();
        if (evaluate("return (window.complaints ?? []).splice(0)") instanceof List<?> noted) {
            noted.forEach(each -> all.add(String.valueOf(each)));
        }
        driver.manage().logs().get(LogType.BROWSER).forEach(entry -> all.add("log: " + entry.getMessage()));
        return all;
    }

    /**
     * Saves the visible part of the page as PNG, in target/screenshots or, to renew the pictures of the documents, where
     * {@code -Dtachyscope.screenshots} says.
     */
    public void screenshot(String name) throws IOException {
        save(name, driver.getScreenshotAs(OutputType.BYTES));
    }

    /** Saves a picture that the page has made, a data URL, beside the screenshots. */
    public void saveDataUrl(String name, String url) throws IOException {
        save(name, Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1)));
    }

    private static void save(String name, byte[] picture) throws IOException {
        Path folder = Path.of(System.getProperty("tachyscope.screenshots", "target/screenshots"));
        Files.createDirectories(folder);
        Files.write(folder.resolve(name), picture);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
