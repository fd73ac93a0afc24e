package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrossOriginTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8188, http://127.0.0.1:8188, same-origin, false",
        "127.0.0.1:8188, , , false",
        "127.0.0.1:8188, http://evil.example, , true",
        "localhost:8188, http://127.0.0.1:8188, , true",
        "LOCALHOST:8188, http://localhost:8188, , false",
        "localhost, http://localhost:3000, , true",
        "[::1]:8188, http://[::1]:8188, , false",
        "127.0.0.1:8188, null, , true",
        "127.0.0.1:8188, ::not a uri::, , true",
        "pictures.example, https://other.example, , false",
        "pictures.example, https://other.example, cross-site, true",
        "127.0.0.1.evil.example, http://other.example, , false",
        ", http://other.example, , false"
    })
    void pagesOfOtherOriginsAreForeignOnTheReadersMachine(String host, String origin, String site, boolean foreign) {
        assertEquals(
                foreign,
                CrossOrigin.foreign(Optional.ofNullable(host), Optional.ofNullable(origin), Optional.ofNullable(site)));
    }
}
