package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** Values of a graph as their inputs want them: graphs write numbers as texts and the other way round. */
final class Conversion {
    /** Longest number as a text; protects from computing with thousands of digits. */
    private static final int MAX_NUMBER_TEXT = 400;

    /** Farthest decimal point; beyond it are no doubles. */
    private static final int MAX_SCALE = 400;

    private Conversion() {}

    /** Cuts off what is behind the point. */
    static Optional<BigInteger> whole(JsonNode value) {
        return value.isBigInteger() || value.isIntegralNumber()
                ? Optional.of(value.bigIntegerValue())
                : decimal(value).map(BigDecimal::toBigInteger);
    }

    static Optional<Double> real(JsonNode value) {
        return decimal(value).map(BigDecimal::doubleValue).filter(Double::isFinite);
    }

    static String text(JsonNode value) {
        if (value.isNull()) {
            return "";
        }
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    /** Nothing, zero and what is empty are false. */
    static boolean flag(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isNumber()) {
            return value.doubleValue() != 0;
        }
        return value.isTextual() ? !value.textValue().isEmpty() : !value.isEmpty();
    }

    private static Optional<BigDecimal> decimal(JsonNode value) {
        if (value.isBoolean()) {
            return Optional.of(value.booleanValue() ? BigDecimal.ONE : BigDecimal.ZERO);
        }
        if (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue())) {
            return Optional.empty();
        }
        if (value.isNumber()) {
            return Optional.of(value.decimalValue());
        }
        String text = value.isTextual() ? value.textValue().strip() : "";
        if (text.isEmpty() || text.length() > MAX_NUMBER_TEXT) {
            return Optional.empty();
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs((long) number.precision() - number.scale()) > MAX_SCALE
                    ? Optional.empty()
                    : Optional.of(number);
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }
}
