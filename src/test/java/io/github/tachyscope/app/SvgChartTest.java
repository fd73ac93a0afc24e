package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class SvgChartTest {
    @Test
    void isXmlWithAPointForEachValueThatThereIs() throws Exception {
        SvgChart chart = new SvgChart("A & B", "live sessions", 2);
        chart.panel(
                "x < y",
                List.of("1", "2", "4"),
                List.of(
                        new SvgChart.Line("one", "#000", false, List.of(1.0, Double.NaN, 3.5)),
                        new SvgChart.Line("two", "#f00", true, List.of(0.0, 0.0, 0.0))));
        chart.panel("empty", List.of("1"), List.of());
        String svg = chart.svg();
        Document parsed = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertEquals("A & B", parsed.getElementsByTagName("title").item(0).getTextContent());
        assertEquals(5, parsed.getElementsByTagName("circle").getLength());
        assertTrue(svg.contains("stroke-dasharray"));
        assertTrue(!svg.contains("NaN"), svg);
    }

    @Test
    void itsAxisEndsAtARoundNumber() {
        assertEquals(4, SvgChart.niceAbove(3.5));
        assertEquals(100, SvgChart.niceAbove(100));
        assertEquals(200, SvgChart.niceAbove(100.1));
        assertEquals(1000, SvgChart.niceAbove(801));
        assertEquals(0.5, SvgChart.niceAbove(0.41), 1e-9);
    }
}
