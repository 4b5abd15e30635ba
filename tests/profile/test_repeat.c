/* Messages that repeat most of the one before are counted as if each were read whole: the same conversations, by hand and at
 * random, with and without echoes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "output/output.h"
#include "watch.h"
#include "wire.h"
#include "tests/dice.h"

static struct watch watch;
/* One message; compressed in some way or other when it is packed. */
static void tell(struct line *line, enum wd_direction direction, const char *event, const char *body, bool is_packed)
{
    struct wd_bit_mark marks[WIRE_MARKS];
    struct wd_message m = { .direction = direction, .body = wd_bytes_of(body) };
    if (event)
        m.event = wd_bytes_of(event);
    if (is_packed)
        wire_draw(&m, marks, &dice_seed);
    say_message(line, m);
}

static void print_end(struct wd_buf *out)
{
    const struct wd_style style = { .columns = 80 };
    struct wd_profile *p = watch_end(&watch);
    wd_print_profile(out, p, WD_FORMAT_JSON, &style);
    wd_profile_free(p);
}

/* What `talk` makes of the same limits and seed, with and without echoes. */
static void assert_same(const char *what, const struct wd_limits *limits, void (*talk)(const void *), const void *ctx)
{
    struct wd_buf text[2] = { { 0 } };
    uint64_t begin = dice_seed;
    for (int i = 0; i < 2; i++) {
        dice_seed = begin;
        watch_init(&watch);
        watch.config.limits = *limits;
        if (i)
            watch.config.limits.echo = 0;
        watch_start(&watch);
        talk(ctx);
        print_end(&text[i]);
    }
    const char *fast = wd_buf_cstr(&text[0]), *slow = wd_buf_cstr(&text[1]);
    size_t at = 0;
    while (fast[at] && fast[at] == slow[at])
        at++;
    if (fast[at] != slow[at])
        fail_msg("%s, seed %ju: '%.90s' instead of '%.90s'", what, (uintmax_t)begin, fast + at - (at < 40 ? at : 40),
                 slow + at - (at < 40 ? at : 40));
    wd_buf_free(&text[0]);
    wd_buf_free(&text[1]);
}

/* --- by hand --- */

static const struct { const char *what, *bodies[8]; } conversations[] = {
    { "nothing changes", { "{\"a\":1}" } },
    { "a number grows, shrinks, turns round", { "{\"a\":1}", "{\"a\":12}", "{\"a\":2}", "{\"a\":-2.5}", "{\"a\":1e3}" } },
    { "the end of a number", { "{\"a\":1,\"b\":1}", "{\"a\":12,\"b\":1}", "{\"a\":12,\"b\":345}", "{\"a\":1.0,\"b\":3}", "{\"a\":1}" } },
    { "other notation, same value", { "{\"a\":1,\"s\":\"A\"}", "{\"a\":1.0,\"s\":\"\\u0041\"}", "{\"a\":10e-1,\"s\":\"A\"}" } },
    { "other types", { "{\"a\":1}", "{\"a\":\"1\"}", "{\"a\":null}", "{\"a\":true}", "{\"a\":false}", "{\"a\":\"\"}", "{\"a\":{}}" } },
    { "strings in strings", { "{\"a\":\"],\",\"b\":[\",\"]}", "{\"a\":\",]\",\"b\":[\"]\"]}", "{\"a\":\"]\",\"b\":[\",\",\"]\"]}" } },
    { "half a character", { "{\"a\":\"\xc3\xa9\"}", "{\"a\":\"\xc3\xa8\"}", "{\"a\":\"\xc4\xa8\"}", "{\"a\":\"\xc3\"}" } },
    { "an array grows and shrinks", { "{\"a\":[1,2],\"b\":0}", "{\"a\":[1,2,3,4],\"b\":0}", "{\"a\":[1],\"b\":0}", "{\"a\":[],\"b\":0}" } },
    { "of objects", { "[{\"a\":1},{\"a\":2,\"b\":[1]}]", "[{\"a\":1},{\"a\":2,\"b\":[1]},{\"a\":2,\"b\":[1]}]", "[{\"a\":1}]",
                      "[{\"a\":1},{\"a\":2,\"b\":[2]}]", "[{\"a\":1},{\"a\":2,\"b\":[1,2]}]" } },
    { "of empty things", { "[{},{}]", "[{},{},{}]", "[{}]", "[[],[]]", "[[]]", "[\"\",\"\"]", "[\"\"]" } },
    { "an element after another", { "{\"a\":[{\"x\":[1,2]},{\"x\":[3]}]}", "{\"a\":[{\"x\":[1]},{\"x\":[3]}]}",
                                    "{\"a\":[{\"x\":[1]},{\"x\":[3,4]}]}", "{\"a\":[{\"x\":[1]}]}" } },
    { "two arrays", { "{\"a\":[1,2,3],\"b\":[1,2]}", "{\"a\":[1,2],\"b\":[1,2,3]}", "{\"a\":[1,2,3,4],\"b\":[1]}" } },
    { "white space", { "{ \"a\" : [ 1 , 2 ] }", "{ \"a\" : [ 1 , 2 , 3 ] }", "{ \"a\" : [ 1 ] }", "{\"a\":[1]}\n", "{\"a\":[1,2]}\n" } },
    { "white space before an element", { "{\"a\":[1, 2]}", "{\"a\":[1, 2,3]}", "{\"a\":[1, 2, 3]}", "{\"a\":[1, {\"b\":2}]}", "{\"a\":[1, {\"b\":2},{\"b\":3}]}" } },
    { "white space inside an element", { "[1,[2 ]]", "[1]", "[1,{\"a\":2 }]", "[1]", "[1,2 ]", "[1 ]", "[1,2 ]", "[1]" } },
    { "a bracket too many", { "[[1],[2 ]]", "[[1]]]" } },
    { "a bracket too few", { "{\"a\":[[[1 ]]],\"b\":1,\"c\":2}", "{\"a\":[[[1 ],[[1 ]]],\"b\":1,\"c\":2}" } },
    { "a map", { "{\"1111\":1,\"2222\":{\"a\":1}}", "{\"1111\":2,\"2222\":{\"a\":1}}", "{\"1111\":2,\"3333\":{\"a\":1}}" } },
    { "a key twice", { "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":3}" } },
    { "cut short", { "{\"a\":1,\"b\":[1,2]}", "{\"a\":1,\"b\":[1,", "{\"a\":1,\"b\":[1,2]}}", "{\"a\":1,\"b\":[1,2,]}", "" } },
    { "named by a value", { "{\"type\":\"x\",\"a\":1}", "{\"type\":\"y\",\"a\":1}", "{\"type\":\"x\",\"a\":2}", "{\"a\":2,\"type\":\"x\"}",
                         "{\"type\":3,\"a\":2}" } },
    { "one of an entity", { "{\"id\":1,\"a\":1}", "{\"id\":2,\"a\":2}", "{\"id\":1,\"a\":1}" } },
    { "equal to another", { "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":2}", "{\"a\":3,\"b\":2}", "{\"a\":2,\"b\":2}" } },
};

/* Each body three times, so that all come after one of another kind and after their own. */
static void talk_so(const char *const *bodies, bool is_packed)
{
    struct line line;
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    for (int round = 0; round < 4; round++)
        for (size_t i = 0; i < 8 && bodies[i]; i++)
            for (int n = 0; n < 3 - round % 2; n++)
                tell(&line, WD_S2C, NULL, bodies[round & 1 ? 0 : i], is_packed), tell(&line, WD_S2C, NULL, bodies[i], is_packed);
    line_close(&line);
}

static void talk(const void *ctx) { talk_so(ctx, false); }
static void talk_packed(const void *ctx) { talk_so(ctx, true); }

static void test_by_hand(void **state)
{
    (void)state;
    struct wd_limits limits = wd_limits_default();
    for (size_t i = 0; i < WD_COUNT(conversations); i++) {
        assert_same(conversations[i].what, &limits, talk, conversations[i].bodies);
        for (dice_seed = 1; dice_seed < 40; dice_seed++)
            assert_same(conversations[i].what, &limits, talk_packed, conversations[i].bodies);
    }
}

/* Once the root has folded, what names a message is one of many values of a row, and can stand where the last message had another. */
static void test_named_in_a_map(void **state)
{
    static const char *const bodies[8] = { "{\"type\":\"x\",\"a\":1}", "{\"type\":\"y\",\"b\":2}", "{\"type\":\"x\",\"c\":1,\"d\":1,\"e\":1}",
                                           "{\"tapo\":\"x\",\"type\":\"x\"}", "{\"tapo\":\"x\",\"type\":\"y\"}" };
    struct wd_limits limits = wd_limits_default();
    (void)state;
    limits.map_keys = 4;
    assert_same("named in a map", &limits, talk, bodies);
}

/* --- at random --- */

enum { LINES = 3, KINDS = 3, KEYS = 6, MESSAGES = 900 };

/* What a line tells of, changed a little before each message. */
struct world { int number[KEYS]; unsigned elements, inner, words, has; };

static void change(struct world *w)
{
    if (dice(2))
        w->number[dice(KEYS)] = (int)dice(2000) - 1000;
    if (dice(6) == 0)
        w->elements = dice(9) ? 1 + dice(5) : 0;
    if (dice(60) == 0)
        w->inner = dice(3);
    if (dice(10) == 0)
        w->words = dice(9) ? dice(6) : dice(8);
    if (dice(60) == 0)
        w->has = dice(8);
}

static const char *word(unsigned n)
{
    static const char *const words[] = { "null", "true", "\"\"", "\"caf\\u00e9\"", "\"\xe2\x82\xac,]}\"", "1.50", "{}", "[]" };
    return words[n % WD_COUNT(words)];
}

static void put_list(struct wd_buf *out, const struct world *w)
{
    for (unsigned i = 0; i < w->elements; i++) {
        wd_buf_printf(out, "%s{\"v\":%d,\"in\":[", i ? "," : "", w->number[i % KEYS] / 100);
        for (unsigned k = 0; k < w->inner; k++)
            wd_buf_printf(out, "%s%d", k ? "," : "", w->number[k] / 500);
        wd_buf_printf(out, "]%s}", w->has & 4 && i == 3 ? ",\"last\":1" : "");
    }
}

static void put_body(struct wd_buf *out, const struct world *w, unsigned kind)
{
    wd_buf_reset(out);
    wd_buf_printf(out, "{\"type\":\"k%u\",\"n\":%d,%s\"x\":%.1f,", kind, w->number[0], dice(90) ? "" : " ", w->number[1] / 10.0);
    wd_buf_printf(out, "\"list\":[");
    put_list(out, w);
    wd_buf_printf(out, "],\"w\":%s,\"flat\":[%d", word(w->words), w->number[2]);
    for (unsigned i = 0; i < w->elements; i++)
        wd_buf_printf(out, ",%s", word(w->words + i / 3));
    wd_buf_printf(out, "]");
    if (w->has & 1)
        wd_buf_printf(out, ",\"copy\":%d", w->number[0]);
    if (w->has & 2)
        wd_buf_printf(out, ",\"map\":{\"10%d\":%d,\"20%d\":{\"p\":%d}}", w->number[3] / 300 + 5, w->number[4], w->number[3] / 300 + 5, w->number[5]);
    if (kind == 2)
        wd_buf_printf(out, ",\"%s\":%d", w->words & 1 ? "room_id" : "who", w->number[5] / 500);
    if (dice(120))
        wd_buf_printf(out, "}");
}

/* What is said, and whether it is compressed; `is_retold`: of the last line it is not known what it took. */
struct talk { int messages; bool is_packed, is_retold; };

static void chatter(const void *ctx)
{
    const struct talk *talk = ctx;
    struct line lines[LINES];
    struct world worlds[LINES][KINDS] = { 0 };
    struct wd_buf body = { 0 };
    for (int i = 0; i < LINES; i++)
        line_open(&lines[i], &watch, i == 2 ? WD_TRANSPORT_SSE : WD_TRANSPORT_WEBSOCKET, "/live");
    for (int n = 0; n < talk->messages; n++) {
        unsigned i = dice(LINES), kind = dice(KINDS);
        change(&worlds[i][kind]);
        put_body(&body, &worlds[i][kind], kind);
        lines[i].connection.is_retold = talk->is_retold && i == 2;
        bool is_question = dice(10) == 0;
        tell(&lines[i], is_question ? WD_C2S : WD_S2C, !is_question && i == 2 && kind ? "news" : NULL, wd_buf_cstr(&body),
             talk->is_packed);
        if (dice(150) == 0) {
            line_close(&lines[i]);
            line_open(&lines[i], &watch, i == 2 ? WD_TRANSPORT_SSE : WD_TRANSPORT_WEBSOCKET, "/live");
        }
    }
    for (int i = 1; i < LINES; i++)  /* one is still open at the end */
        line_close(&lines[i]);
    wd_buf_free(&body);
}

static void assert_random(int rounds, const struct talk *talk)
{
    for (int i = 0; i < rounds; i++) {
        struct wd_limits limits = wd_limits_default();
        dice_seed = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        if (i % 5 == 1)
            limits.map_keys = 9;
        if (i % 5 == 2)
            limits.series_fields = 100 + 10 * (uint64_t)i;
        if (i % 5 == 3)
            limits.fields = 12 + (uint64_t)i % 12;
        if (i % 5 == 4)
            limits.echo = 8000 + (uint64_t)i * 100;
        assert_same("chatter", &limits, chatter, talk);
    }
}

static void test_at_random(void **state)
{
    static const struct talk talk = { .messages = MESSAGES };
    (void)state;
    assert_random(150, &talk);
}

/* So many that the entities of some types are decided. */
static void test_entities(void **state)
{
    static const struct talk talk = { .messages = 6 * MESSAGES };
    (void)state;
    assert_random(40, &talk);
}

/* Compressed messages among others: each row bears the same bits, too. */
static void test_packed(void **state)
{
    static const struct talk packed = { .messages = MESSAGES, .is_packed = true },
                             retold = { .messages = MESSAGES, .is_packed = true, .is_retold = true };
    (void)state;
    assert_random(150, &packed);
    assert_random(20, &retold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_named_in_a_map),
        cmocka_unit_test(test_at_random),
        cmocka_unit_test(test_entities),
        cmocka_unit_test(test_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
