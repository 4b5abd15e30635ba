/* Which codec reads a message: what is said of the channel, and what its bytes say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "field/codec.h"
#include "watch.h"

#define BATCH "{\"n\":1}\n{\"n\":2}\n"

static struct watch watch;
static struct line line;

static void say_text(const char *body)
{
    say_message(&line, (struct wd_message){ .direction = WD_S2C, .body = wd_bytes_of(body), .is_text = true });
}

static void begin(void)
{
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
}

/* The only type, and how many of its messages were malformed. */
static void end(const char *codec, uint64_t malformed, const char *path)
{
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    const struct wd_type_profile *type = type_of(p, "message");
    assert_string_equal(type->codec, codec);
    assert_int_equal(type->malformed, malformed);
    assert_true(has_row(type, path));
    wd_profile_free(p);
}

static int start(void **state)
{
    (void)state;
    watch_init(&watch);
    return 0;
}

/* --- what the bytes say --- */

static void test_batch_between_single_texts(void **state)
{
    (void)state;
    begin();
    say(&line, "{\"n\":1}");
    say(&line, BATCH);
    say(&line, "{\"n\":2}");
    end("mixed", 0, "[].n");
}

/* A batch does not make batches of what follows. */
static void test_single_text_after_a_batch(void **state)
{
    (void)state;
    begin();
    say(&line, BATCH);
    say(&line, "{\"n\":1}");
    end("mixed", 0, "n");
}

static void test_broken_text_stays_malformed(void **state)
{
    (void)state;
    begin();
    say(&line, "{\"n\":1}");
    say(&line, "{\"n\":");
    say(&line, "{\"n\":2} x");
    end("json", 2, "n");
}

static void test_error_text_between_objects(void **state)
{
    (void)state;
    begin();
    say(&line, "{\"n\":1}");
    say(&line, "502 Bad Gateway");
    end("mixed", 0, "n");
}

/* --- what is said --- */

static struct wd_schema_message declared[2];

static void begin_with_schema(const char *first, const char *second)
{
    for (int i = 0; i < 2; i++)
        declared[i] = (struct wd_schema_message){ .name = wd_bytes_of(i ? "b" : "a"), .channel = wd_bytes_of("/live"),
                                                  .content_type = wd_bytes_of(i ? second : first) };
    watch.schema = (struct wd_schema){ .messages = declared, .message_count = 2 };
    watch.has_schema = true;
    begin();
}

static void test_schema_declares(void **state)
{
    (void)state;
    begin_with_schema("application/x-ndjson; charset=utf-8", "application/jsonl");
    say(&line, "{\"n\":1}");
    end("ndjson", 0, "[].n");
}

/* Two messages of the channel say different things: nothing is said. */
static void test_schema_disagrees(void **state)
{
    (void)state;
    begin_with_schema("application/json", "application/jsonl");
    say(&line, "{\"n\":1}");
    end("json", 0, "n");
}

static void test_schema_is_wrong(void **state)
{
    (void)state;
    begin_with_schema("application/jsonl", "");
    say(&line, "not JSON at all");
    say(&line, "{\"n\":1}");
    end("mixed", 0, "[].n");
}

static void test_transport_is_believed(void **state)
{
    (void)state;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line.channel.media_type = wd_bytes_of("application/json");
    say(&line, "<html>");
    end("json", 1, "(malformed)");
}

static void test_user_overrides(void **state)
{
    (void)state;
    const struct wd_config_codec codecs[] = { { wd_bytes_of("/other"), wd_bytes_of("json") }, { wd_bytes_of("/live"), wd_bytes_of("opaque") } };
    watch.config.codecs = codecs;
    watch.config.codec_count = 2;
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line.channel.media_type = wd_bytes_of("application/json");
    say(&line, "{\"n\":1}");
    end("opaque", 0, ".");
    assert_string_equal(wd_buf_cstr(&watch.report), "--codec /other=json: nothing was sent on such a channel; "
                                                    "wirediet profile lists those there are\n");
    wd_buf_free(&watch.report);
}

static void test_rule_overrides(void **state)
{
    (void)state;
    const struct wd_config_message rules[] = {
        { .channel = wd_bytes_of("/live"), .direction = WD_C2S, .codec = wd_bytes_of("opaque") },
        { .channel = wd_bytes_of("/{any}"), .direction = -1, .codec = wd_bytes_of("ndjson") },
        { .channel = wd_bytes_of("/live"), .direction = -1, .name = wd_bytes_of("message") },
    };
    watch.config.messages = rules;
    watch.config.message_count = WD_COUNT(rules);
    begin();
    say(&line, "{\"n\":1}");
    end("ndjson", 0, "[].n");
}

/* What is forced is not asked again, but a text is never read as binary. */
static void test_text_is_never_binary(void **state)
{
    (void)state;
    const struct wd_codec *binary = NULL;
    for (size_t i = 0; wd_codecs[i]; i++)
        if (wd_codecs[i]->is_binary)
            binary = wd_codecs[i];
    if (!binary)
        skip();
    const struct wd_config_codec codecs[] = { { wd_bytes_of(""), wd_bytes_of(binary->name) } };
    watch.config.codecs = codecs;
    watch.config.codec_count = 1;
    begin();
    say_text("{\"n\":1}");
    end("json", 0, "n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_batch_between_single_texts, start),
        cmocka_unit_test_setup(test_single_text_after_a_batch, start),
        cmocka_unit_test_setup(test_broken_text_stays_malformed, start),
        cmocka_unit_test_setup(test_error_text_between_objects, start),
        cmocka_unit_test_setup(test_schema_declares, start),
        cmocka_unit_test_setup(test_schema_disagrees, start),
        cmocka_unit_test_setup(test_schema_is_wrong, start),
        cmocka_unit_test_setup(test_transport_is_believed, start),
        cmocka_unit_test_setup(test_user_overrides, start),
        cmocka_unit_test_setup(test_rule_overrides, start),
        cmocka_unit_test_setup(test_text_is_never_binary, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
