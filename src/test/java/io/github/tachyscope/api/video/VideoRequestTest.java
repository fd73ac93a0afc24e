package io.github.tachyscope.api.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.Shape.Size;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoRequestTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads a request with these members, written with single quotes, beside a prompt. */
    private static VideoRequest read(String members) {
        return VideoRequest.read(json("{'prompt':'a cat'" + (members.isBlank() ? "" : "," + members) + "}"));
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
            throw new IllegalArgumentException(text, broken);
        }
    }

    @Test
    void hasTheDefaultsOfTheProtocol() {
        VideoRequest request = read("");
        assertEquals(new Shape(Optional.empty(), 24, 96), request.shape());
        assertEquals(Optional.empty(), request.seed());
        assertEquals(Optional.empty(), request.reference());
        assertEquals(new Pace(false, 0, OptionalDouble.of(5)), request.pace());
        assertEquals(Map.of(), request.encoder().values());
        assertEquals(
                json("{'prompt':'a cat','generate_sound':false,'enable_frame_interpolation':false,"
                        + "'frame_interpolation_exp':1,'frame_interpolation_scale':1.0}"),
                request.echo());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'seconds':'2'                                        |          | 24 |  48",
                "'seconds':2                                          |          | 24 |  48",
                "'seconds':2.0,'fps':10                               |          | 10 |  20",
                "'seconds':'2','num_frames':33                        |          | 24 |  33",
                "'num_frames':'33','fps':'16'                         |          | 16 |  33",
                "'size':'640x384'                                     | 640x384  | 24 |  96",
                "'size':'640x384','width':64,'height':32              | 640x384  | 24 |  96",
                "'width':64,'height':32                               |  64x32   | 24 |  96",
                "'width':64                                           |          | 24 |  96",
                "'height':64                                          |          | 24 |  96",
                "'video_params':{'width':64,'height':32,'fps':8,'num_frames':9}           | 64x32 |  8 |  9",
                "'video_params':{'width':64,'height':32,'fps':8,'num_frames':9},'fps':12  | 64x32 | 12 |  9",
                "'video_params':{'height':32},'width':96              |  96x32   | 24 |  96",
                "'video_params':{'width':64,'height':32},'size':'8x8' |   8x8    | 24 |  96",
                "'width':64.0,'height':32                             |  64x32   | 24 |  96",
                "'width':null,'height':null,'fps':'','seconds':''     |          | 24 |  96",
            })
    void resolvesSizeRateAndLength(String members, String size, int fps, long frames) {
        Shape shape = read(members).shape();
        assertEquals(Optional.ofNullable(size), shape.size().map(Size::toString));
        assertEquals(fps, shape.fps());
        assertEquals(frames, shape.frames());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'prompt':''                            | prompt",
                "'prompt':'  '                          | prompt",
                "'prompt':5                             | prompt",
                "'model':[]                             | model",
                "'seconds':'0'                          | seconds",
                "'seconds':'04'                         | seconds",
                "'seconds':'2.5'                        | seconds",
                "'seconds':2.5                          | seconds",
                "'seconds':-1                           | seconds",
                "'seconds':true                         | seconds",
                "'seconds':1e30                         | seconds",
                "'size':'640'                           | size",
                "'size':'640X384'                       | size",
                "'size':'0x384'                         | size",
                "'size':'99999999999x2'                 | size",
                "'size':640                             | size",
                "'width':0                              | width",
                "'width':1.5                            | width",
                "'width':'abc'                          | width",
                "'height':-2                            | height",
                "'fps':0                                | fps",
                "'fps':241                              | fps",
                "'fps':1e999999999                      | fps",
                "'num_frames':0                         | num_frames",
                "'num_frames':true                      | num_frames",
                "'video_params':{'fps':0}               | video_params.fps",
                "'video_params':[]                      | video_params",
                "'num_inference_steps':0                | num_inference_steps",
                "'num_inference_steps':201              | num_inference_steps",
                "'guidance_scale':20.1                  | guidance_scale",
                "'guidance_scale':-1                    | guidance_scale",
                "'guidance_scale':'NaN'                 | guidance_scale",
                "'guidance_scale_2':21                  | guidance_scale_2",
                "'true_cfg_scale':21                    | true_cfg_scale",
                "'boundary_ratio':1.1                   | boundary_ratio",
                "'flow_shift':'x'                       | flow_shift",
                "'seed':-1                              | seed",
                "'seed':1.5                             | seed",
                "'seed':9007199254740992                | seed",
                "'image_reference':{}                   | image_reference",
                "'image_reference':'x'                  | image_reference",
                "'image_reference':{'image_url':5}      | image_reference",
                "'image_reference':{'file_id':'f'}      | image_reference",
                "'image_reference':{'url':'http://x/a'} | image_reference",
                "'image_reference':{'image_url':'file:///etc/passwd'}           | image_reference",
                "'image_reference':{'image_url':'http:///a.png'}                | image_reference",
                "'image_reference':{'image_url':'data:video/mp4;base64,AAAA'}   | image_reference",
                "'image_reference':{'image_url':'data:image/png,AAAA'}          | image_reference",
                "'image_reference':{'image_url':'data:image/png;base64'}        | image_reference",
                "'video_reference':{'image_url':'http://x/a'}                   | video_reference",
                "'input_reference':{'file_id':'f'}                              | input_reference",
                "'image_reference':{'image_url':'http://x/a'},'video_reference':{'video_url':'http://x/a'} | video_reference",
                "'lora':'x'                             | lora",
                "'lora':{'scale':'x'}                   | lora.scale",
                "'sound_duration':0                     | sound_duration",
                "'generate_sound':'maybe'               | generate_sound",
                "'enable_frame_interpolation':true      | enable_frame_interpolation",
                "'frame_interpolation_exp':0            | frame_interpolation_exp",
                "'frame_interpolation_scale':0          | frame_interpolation_scale",
                "'quality':5                            | quality",
                "'extra_params':'x'                     | extra_params",
                "'sampling_params':[]                   | sampling_params",
                "'sampling_params':{'fps':0}            | fps",
                "'extra_params':{'video_codec_options':'fast'}    | video_codec_options",
                "'extra_params':{'pace_to_media_time':'soon'}     | pace_to_media_time",
                "'extra_params':{'pacing_lead_seconds':-1}        | pacing_lead_seconds",
                "'extra_params':{'pacing_max_lag_seconds':'x'}    | pacing_max_lag_seconds",
                "'extra_params':{'preencode_mp4':3}               | preencode_mp4",
            })
    void refusesAValueThatIsNotAllowedAndNamesTheField(String members, String field) {
        FieldRejected rejected = assertThrows(FieldRejected.class, () -> read(members));
        assertEquals(field, rejected.field(), rejected.getMessage());
        assertTrue(rejected.getMessage().startsWith(field + " "), rejected.getMessage());
    }

    @Test
    void needsAPrompt() {
        FieldRejected rejected = assertThrows(FieldRejected.class, () -> VideoRequest.read(json("{}")));
        assertEquals("prompt", rejected.field());
    }

    @Test
    void refusesAPromptThatIsTooLong() {
        ObjectNode request = JSON.createObjectNode().put("prompt", "x".repeat(Fields.MAX_TEXT + 1));
        FieldRejected rejected = assertThrows(FieldRejected.class, () -> VideoRequest.read(request));
        assertTrue(rejected.getMessage().length() < 200, rejected.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'unknown':{'a':1}",
                "'generate_sound':true,'sound_duration':1.5",
                "'audio_reference':{'audio_url':'http://x/a'}",
                "'user':'me','quality':'fast'",
                "'enable_frame_interpolation':'false','frame_interpolation_exp':'2'",
                "'seed':''",
                "'image_reference':null",
                "'flow_shift':-3.5",
                "'extra_params':{'preencode_mp4':false}",
            })
    void takesWhatNeedNotActHere(String members) {
        assertEquals("a cat", read(members).prompt());
    }

    @Test
    void readsNumbersFromTextsAsFormsSendThem() {
        VideoRequest request =
                read("'seed':'17','num_inference_steps':'4','guidance_scale':'1.5','boundary_ratio':'0.5'");
        assertEquals(Optional.of(17L), request.seed());
        assertEquals(Optional.of(4), request.steps());
        assertEquals(Map.of("guidance_scale", 1.5, "boundary_ratio", 0.5), request.scales());
    }

    @Test
    void keepsTheBytesOfADataAddressAndShowsItWithoutThem() {
        VideoRequest request = read("'image_reference':{'image_url':'data:image/png;base64,SGVsbG8='}");
        Reference reference = request.reference().orElseThrow();
        assertEquals(Reference.Kind.PICTURE, reference.kind());
        assertTrue(reference.isData());
        assertArrayEquals("Hello".getBytes(java.nio.charset.StandardCharsets.UTF_8), reference.data());
        assertEquals(
                json("{'image_url':'data:image/png;base64,...'}"),
                request.echo().get("image_reference"));
    }

    @Test
    void saysWhenTheDataOfAnAddressAreNotBase64() {
        Reference reference = read("'image_reference':{'image_url':'data:image/png;base64,A'}")
                .reference()
                .orElseThrow();
        assertThrows(FieldRejected.class, reference::data);
    }

    @Test
    void takesAddressesOfEitherKindOfReference() {
        assertEquals(
                new Reference("video_reference", Reference.Kind.VIDEO, "https://x.test/a.mp4"),
                read("'video_reference':{'video_url':'https://x.test/a.mp4'}")
                        .reference()
                        .orElseThrow());
        assertEquals(
                new Reference("input_reference", Reference.Kind.PICTURE, "http://x.test/a.png"),
                read("'input_reference':{'image_url':'http://x.test/a.png','file_id':null}")
                        .reference()
                        .orElseThrow());
    }

    @Test
    void readsAnAdapterUnderAllOfItsNames() {
        assertEquals(
                Optional.of(new Lora(Optional.of("n"), Optional.of("p"), 0.5)),
                read("'lora':{'adapter':'n','local_path':'p','lora_scale':0.5,'lora_int_id':3}")
                        .lora());
        assertEquals(Optional.empty(), read("'lora':{}").lora());
    }

    @Test
    void liftsSamplingParametersUnderWhatStandsAboveThem() {
        VideoRequest request = read("'fps':8,'sampling_params':{'fps':30,'seed':3,'size':'64x32','shift':5,'k':1},"
                + "'extra_params':{'k':2}");
        assertEquals(8, request.shape().fps());
        assertEquals(Optional.of(3L), request.seed());
        assertEquals(Optional.of(new Size(64, 32)), request.shape().size());
        assertEquals(json("{'shift':5,'k':2}"), JSON.createObjectNode().setAll(request.extra()));
        assertFalse(request.echo().has("sampling_params"));
    }

    @Test
    void readsWhatTheServerItselfKnowsOfTheExtraParameters() {
        VideoRequest request =
                read("'extra_params':{'video_codec_options':{'preset':'fast','threads':'0','x':1,'crf':23},"
                        + "'pace_to_media_time':true,'pacing_lead_seconds':0.5,'pacing_max_lag_seconds':null,"
                        + "'preencode_mp4':true,'output_format':'gif','video_codec':'av1','style':'oil'}");
        assertEquals(Map.of("preset", "fast", "crf", "23"), request.encoder().values());
        assertEquals(new Pace(true, 0.5, OptionalDouble.empty()), request.pace());
        assertTrue(request.wantsFinishedFile());
        assertEquals("{style=\"oil\"}", request.extra().toString());
    }

    @Test
    void echoesEveryFieldInItsCanonicalForm() {
        VideoRequest request = read("'seconds':4,'fps':'16','width':'64','quality':'','generate_sound':'true',"
                + "'video_params':{'fps':'8','other':1},'format':'m4s','type':'session.start','negative_prompt':null");
        assertEquals(
                json("{'prompt':'a cat','seconds':'4','fps':16,'width':64,'generate_sound':true,"
                        + "'enable_frame_interpolation':false,'frame_interpolation_exp':1,"
                        + "'frame_interpolation_scale':1.0,'video_params':{'fps':8}}"),
                json(request.echo().toString()));
    }

    @Test
    void doesNotChangeWithItsEcho() {
        VideoRequest request = read("'video_params':{'fps':8}");
        ((ObjectNode) request.echo().get("video_params")).put("fps", 9);
        assertEquals("{\"fps\":8}", request.echo().get("video_params").toString());
    }
}
