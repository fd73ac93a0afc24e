package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfferParametersTest {
    @Test
    void withoutParametersTheLoadedChainRuns() throws Exception {
        OfferParameters parsed = OfferParameters.parse(MissingNode.getInstance());
        assertTrue(parsed.pipelineIds().isEmpty());
        assertTrue(parsed.control().parameters().isEmpty());
    }

    @Test
    void takesTheChainFromPipelineIds() throws Exception {
        assertEquals(
                List.of("a", "b"), parse("{\"pipeline_ids\":[\"a\",\"b\"]}").pipelineIds());
    }

    @Test
    void takesTheChainFromAGraphThatIsOneLine() throws Exception {
        OfferParameters parsed = parse("""
                {"graph": {"nodes": [
                   {"id": "input", "type": "source"}, {"id": "two", "type": "pipeline", "pipeline_id": "b"},
                   {"id": "one", "type": "pipeline", "pipeline_id": "a"}, {"id": "output", "type": "sink"}],
                 "edges": [
                   {"from": "input", "from_port": "video", "to_node": "one", "to_port": "video"},
                   {"from": "one", "from_port": "video", "to_node": "two", "to_port": "video"},
                   {"from": "two", "from_port": "video", "to_node": "output", "to_port": "video"}]}}""");
        assertEquals(List.of("a", "b"), parsed.pipelineIds());
    }

    @Test
    void refusesAGraphThatBranchesOrIsACircle() {
        assertEquals(Problem.Kind.BAD_REQUEST, refusal("""
                                {"graph": {"nodes": [{"id": "a", "type": "pipeline", "pipeline_id": "a"},
                                   {"id": "b", "type": "pipeline", "pipeline_id": "b"},
                                   {"id": "c", "type": "pipeline", "pipeline_id": "c"}],
                                 "edges": [{"from": "a", "to_node": "b"}, {"from": "a", "to_node": "c"}]}}""").kind());
        assertEquals(Problem.Kind.BAD_REQUEST, refusal("""
                                {"graph": {"nodes": [{"id": "a", "type": "pipeline", "pipeline_id": "a"},
                                   {"id": "b", "type": "pipeline", "pipeline_id": "b"}],
                                 "edges": [{"from": "a", "to_node": "b"}, {"from": "b", "to_node": "a"}]}}""").kind());
    }

    @Test
    void namesTheFieldThatIsWrong() {
        Problem problem = refusal("{\"input_mode\":\"camera\"}");
        assertEquals(Problem.Kind.INVALID, problem.kind());
        assertEquals(
                List.of("initialParameters", "input_mode"),
                problem.fields().get(0).path());
        assertEquals(Problem.Kind.INVALID, refusal("[1]").kind());
        assertEquals(Problem.Kind.INVALID, refusal("{\"pipeline_ids\":[1]}").kind());
        assertEquals(Problem.Kind.INVALID, refusal("{\"pipeline_ids\":\"a\"}").kind());
        assertEquals(Problem.Kind.INVALID, refusal("{\"paused\":1}").kind());
    }

    private static Problem refusal(String json) {
        return assertThrows(OfferParameters.Refused.class, () -> parse(json)).problem();
    }

    private static OfferParameters parse(String json) throws Exception {
        return OfferParameters.parse(new ObjectMapper().readTree(json));
    }
}
