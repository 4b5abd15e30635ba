/* What may go and what has to stay; and a proof that fails when any of its four lines should.
 *
 * A row is a schema, what consumers read, a configuration, messages of the traffic ("" none), the rules beside WD101 and
 * WD102, and the plan: `-m:path` goes (`-m:` the whole message), `=m:path why` stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "finding/audit.h"
#include "pipeline/measure.h"
#include "pipeline/prune.h"
#include "profile/observe.h"
#include "schema/schema.h"
#include "usage/config.h"
#include "usage/usage.h"

struct row { const char *schema, *reads, *config, *traffic, *also, *plan; };

#define V3(channels) "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\nchannels:\n" channels
#define ONE(fields) V3("  c: {address: /c, messages: {m: {payload: {type: object, properties: " fields "}}}}\noperations: {s: {action: send, channel: {$ref: '#/channels/c'}}}\n")

static const struct row rows[] = {
    /* unread goes; what is read stays, and what holds it */
    { ONE("{a: {}, b: {}, u: {properties: {x: {}, y: {}}}}"), "web m a u.x", "", "", "", "-m:b -m:u.y" },
    { ONE("{a: {}, b: {}, u: {properties: {x: {}, y: {}}}}"), "web m a", "", "", "", "-m:b -m:u" },
    { ONE("{a: {}, b: {}}"), "web m a, wall m b", "", "", "", "" },
    { ONE("{l: {type: array, items: {properties: {p: {}, q: {}}}}, z: {}}"), "web m l[].p", "", "", "", "-m:l[].q -m:z" },
    /* unknown stays: an escape, and a list that is not complete */
    { ONE("{a: {}, b: {}, u: {properties: {x: {}}}}"), "web m a ~u", "", "", "", "-m:b =m:u web may read it (x.js:1)" },
    { ONE("{a: {}, b: {}}"), "web m a, wall m ...", "", "", "",
      "=m: wall may read more than its usage file lists" },
    /* what the schema does not describe is not kept in it */
    { ONE("{a: {}, b: {}}, required: [a]"), "web m a", "", "{\"z\":1}\n{\"z\":2}\n", "", "-m:b" },
    /* --also never goes against a reader */
    { ONE("{a: {}, b: {}, c: {}}"), "web m a b", "thresholds: {min_messages: 2}\n", "{\"a\":1,\"b\":7}\n{\"a\":2,\"b\":7}\n{\"a\":3,\"b\":7}\n", "WD202",
      "-m:c =m:b web reads it (x.js:1)" },
    { ONE("{a: {}, c: {}}"), "web m a", "", "", "WD103", "-m:c" },
    /* what tells messages or entities apart */
    { V3("  c:\n    address: /c\n    messages:\n      m: {payload: {properties: {what: {const: m}, a: {}, b: {}}}}\n      n: {payload: {properties: {what: {const: n}, a: {}, b: {}}}}\n"),
      "web m a, web n a", "", "", "", "-m:b -n:b =m:what messages are told apart by it =n:what messages are told apart by it" },
    { ONE("{a: {}, id: {}, b: {}}"), "web m a", "entities: [{message: m, key: id}]\n", "", "", "-m:b =m:id entities are told apart by it" },
    { ONE("{a: {}, u: {properties: {id: {}, x: {}}}}"), "web m a", "entities: [{message: m, key: u.id}]\n", "", "", "-m:u.x =m:u.id entities are told apart by it" },
    { ONE("{a: {}, tag: {}}"), "web m a", "messages: [{channel: /c, field: tag}]\n", "", "", "=m:tag messages are told apart by it" },
    /* suppressed, also below what is unread as a whole */
    { ONE("{a: {}, b: {}, c: {}}"), "web m a", "suppressions: [{rule: WD101, message: m, path: b, reason: soon}]\n", "", "", "-m:c =m:b suppressed in the configuration" },
    { ONE("{a: {}, u: {properties: {x: {}, y: {}}}}"), "web m a", "suppressions: [{rule: WD101, path: u.x, reason: soon}]\n", "", "",
      "-m:u.y =m:u.x suppressed in the configuration" },
    { ONE("{a: {}, b: {}}"), "web m a", "suppressions: [{rule: WD101, path: b, reason: soon, expires: 2001-01-01}]\n", "", "", "-m:b" },
    /* keys of a map: one that is read keeps all, also one that no message has */
    { ONE("{r: {additionalProperties: {properties: {bid: {}, ask: {}}}}}"), "web m r.EUR.bid", "", "{\"r\":{\"USD\":{\"bid\":1,\"ask\":2}}}\n", "", "-m:r{}.ask" },
    { ONE("{r: {properties: {EUR: {}}, additionalProperties: {type: object}}, z: {}}"), "web m r.EUR", "", "", "", "-m:z" },
    /* shared: free everywhere, or kept; a property that only refers to what is shared goes */
    { V3("  c:\n    address: /c\n    messages:\n      m: {payload: {$ref: '#/components/schemas/B'}}\n      n: {payload: {$ref: '#/components/schemas/B'}}\ncomponents: {schemas: {B: {properties: {a: {}, b: {}, c: {}}}}}\n"),
      "web m a, web n a b", "", "", "", "-m:c -n:c =m:b shared with n, which needs it" },
    { V3("  c:\n    address: /c\n    messages:\n      m: {payload: {properties: {a: {}, who: {$ref: '#/components/schemas/P'}}}}\n      n: {payload: {properties: {who: {$ref: '#/components/schemas/P'}}}}\ncomponents: {schemas: {P: {properties: {name: {}, mail: {}}}}}\n"),
      "web m a, web n who.name", "", "", "", "-m:who -n:who.mail" },
    { V3("  c:\n    address: /c\n    messages:\n      m: {payload: {properties: {from: {$ref: '#/components/schemas/P'}, to: {$ref: '#/components/schemas/P'}}}}\ncomponents: {schemas: {P: {properties: {x: {}, y: {}, z: {}}}}}\n"),
      "web m from.x to.y", "", "", "", "-m:from.z -m:to.z =m:to.x shared with a field that is needed =m:from.y shared with a field that is needed" },
    /* what else in the schema depends on it */
    { ONE("{a: {}, b: {}}, if: {properties: {b: {const: 1}}}, then: {required: [a]}"), "web m a", "", "", "", "=m:b a condition ('if' or 'not') asks for it" },
    { ONE("{a: {}, s: {oneOf: [{properties: {is: {const: p}, x: {}, v: {}}, required: [is, x]}, {properties: {is: {const: q}, y: {}}, required: [is, y]}]}}"), "web m a s.v", "", "", "",
      "-m:s.x -m:s.y =m:s.is alternatives are told apart by it" },
    { ONE("{a: {}, s: {oneOf: [{properties: {x: {}, v: {}}, required: [x]}, {properties: {y: {}}, required: [y]}]}}"), "web m a s.v", "", "", "",
      "=m:s.x alternatives of 'oneOf' are told apart by what they require =m:s.y alternatives of 'oneOf' are told apart by what they require" },
    { ONE("{a: {}, s: {oneOf: [{type: 'null'}, {type: object, properties: {x: {}, v: {}}, required: [x]}]}}"), "web m a s.v", "", "", "", "-m:s.x" },
    { ONE("{a: {}, s: {discriminator: kind, properties: {kind: {}, x: {}}}}"), "web m a s.x", "", "", "", "=m:s.kind it is the schema's 'discriminator'" },
    { ONE("{a: {}, s: {minProperties: 1, properties: {x: {}, y: {}}}}"), "web m a s.x", "", "", "", "=m:s.y 'minProperties' counts it" },
    { ONE("{a: {}, s: {type: array, uniqueItems: true, items: {properties: {x: {}, y: {}}}}}"), "web m a s[].x", "", "", "", "=m:s[].y 'uniqueItems' may need it" },
    { ONE("{a: {}, s: {enum: [{x: 1, y: 2}], properties: {x: {}, y: {}}}}"), "web m a s.x", "", "", "", "=m:s.y a constant of the object around it holds it" },
    { V3("  c:\n    address: /c\n    messages:\n      m:\n        correlationId: {location: $message.payload#/meta/id}\n        payload: {properties: {a: {}, meta: {properties: {id: {}, x: {}}}}}\n"),
      "web m a", "", "", "", "-m:meta.x =m:meta a runtime expression ($message.payload#) names it" },
    { ONE("{a: &x {properties: {p: {}}}, b: *x}"), "web m b.p", "", "", "", "=m:a shared with a field that is needed" },
    { ONE("{a: &x {type: string}, b: *x}"), "web m b", "", "", "", "=m:a an alias that stays names an anchor in it (m.yaml:4)" },
    { ONE("{a: {$ref: '#/channels/c/messages/m/payload/properties/b'}, b: {type: string}}"), "web m a", "", "", "", "=m:b a $ref that stays leads into it (m.yaml:4)" },
    /* messages */
    { V3("  c: {address: /c, messages: {m: {payload: {properties: {a: {}}}}, n: {payload: {properties: {b: {}}}}}}\noperations: {s: {action: send, channel: {$ref: '#/channels/c'}}}\n"), "web m a", "", "", "", "-n:" },
    { V3("  c: {address: /c, messages: {m: {payload: {properties: {a: {}}}}, n: {payload: {properties: {b: {}}}}}}\noperations: {s: {action: send, channel: {$ref: '#/channels/c'}}}\n"),
      "web m a", "suppressions: [{rule: WD102, message: n, reason: soon}]\n", "", "", "=n: suppressed in the configuration" },
    { V3("  c: {address: /c, messages: {m: {payload: {properties: {a: {}}}}, n: {$ref: '#/components/messages/n'}}}\n  d: {address: /d, messages: {n: {$ref: '#/components/messages/n'}}}\n"
         "operations: {s: {action: send, channel: {$ref: '#/channels/c'}}, t: {action: send, channel: {$ref: '#/channels/d'}}}\ncomponents: {messages: {n: {payload: {properties: {b: {}}}}}}\n"),
      "web m a, web n@/d b", "", "", "", "=n: needed on /d, too" },
    { V3("  c: {address: /c, messages: {m: {payload: {properties: {a: {}}}}, q: {payload: {properties: {b: {}}}}}}\noperations: {s: {action: send, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/m'}]}, t: {action: receive, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/q'}]}}\n"),
      "web m a", "", "", "", "=q: no declared consumer receives what goes that way" },
    { ONE("{a: {}}, required: [a]"), "web message z", "", "{\"z\":1}\n{\"z\":2}\n", "", "!no consumer takes any message of it" },
    { ONE("{a: {}}"), "", "", "", "", "!prune needs to know every consumer" },
};

/* ---- a world of evidence ---- */

struct world {
    struct wd_arena *arena;
    struct wd_limits limits;
    struct wd_err err;
    struct wd_schema *schema;
    struct wd_config config;
    struct wd_usage usage;
    struct wd_profile *profile;
    struct wd_audit audit;
    struct wd_prune_plan plan;
    const char *rules[4];
    size_t rule_count;
};

static void need(const struct world *w, int rc)
{
    if (rc < 0)
        fail_msg("%s", w->err.text);
}

static bool next_word(const char **at, char *word, size_t room)
{
    size_t len = strcspn(*at += strspn(*at, " "), " ,");
    if (!len)
        return false;
    snprintf(word, room, "%.*s", (int)len, *at);
    *at += len;
    return true;
}

/* "web m a ~u, wall n@/d ...": web takes m, reads a, lets go of u; wall takes n on /d, and the list is not complete. */
static struct wd_bytes usage_text(struct world *w, const char *reads)
{
    struct wd_buf out = { 0 };
    char word[64], last[64] = "";
    wd_buf_puts(&out, "wirediet: usage/1\nconsumers:\n");
    while (*reads) {
        bool is_complete = true;
        struct wd_buf list = { 0 }, escapes = { 0 };
        next_word(&reads, word, sizeof word);
        if (strcmp(word, last) != 0)
            wd_buf_printf(&out, "%s- {name: %s, source: manifest, messages: [", last[0] ? "]}\n" : "", word);
        memcpy(last, word, sizeof last);
        wd_buf_byte(&out, '{');
        next_word(&reads, word, sizeof word);
        char *channel = strchr(word, '@');
        wd_buf_printf(&out, "message: '%.*s', ", (int)strcspn(word, "@"), word);
        if (channel)
            wd_buf_printf(&out, "channel: %s, ", channel + 1);
        while (next_word(&reads, word, sizeof word)) {
            if (strcmp(word, "...") == 0)
                is_complete = false;
            else if (word[0] == '~')
                wd_buf_printf(&escapes, "{path: '%s', where: 'x.js:1'},", word + 1);
            else
                wd_buf_printf(&list, "{path: '%s', where: ['x.js:1']},", word);
        }
        wd_buf_printf(&out, "complete: %s, reads: [%s], ", is_complete ? "true" : "false", wd_buf_cstr(&list));
        wd_buf_printf(&out, "escapes: [%s]},", wd_buf_cstr(&escapes));
        wd_buf_free(&list);
        wd_buf_free(&escapes);
        reads += strspn(reads, ", ");
    }
    wd_buf_puts(&out, "]}\n");
    struct wd_bytes text = wd_arena_copy(w->arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return text;
}

/* One message a line, from the server, on /c. */
static struct wd_profile *observe(const struct wd_config *config, const struct wd_schema *schema, const char *lines)
{
    struct wd_observer *observer = wd_observer_open(config, schema);
    struct wd_message_sink sink = wd_observer_sink(observer);
    struct wd_connection *connection = wd_alloc(1024);
    struct wd_channel channel = { .connection = connection, .transport = WD_TRANSPORT_WEBSOCKET, .path = wd_bytes_of("/c"),
                                  .media_type = wd_bytes_of(""), .subprotocol = wd_bytes_of(""), .openings = 1, .is_open = true };
    int64_t now = 1;
    assert_int_equal(sink.opened(sink.ctx, &channel, now), WD_OK);
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        struct wd_message message = { .channel = &channel, .direction = WD_S2C, .body = wd_bytes_at(lines, len),
                                      .wire_len = len, .is_text = true, .body_len = len, .ts_ns = now += 1000000000 };
        assert_int_equal(sink.message(sink.ctx, &message), WD_OK);
        lines += len + 1;
    }
    sink.closed(sink.ctx, &channel, now, true);
    struct wd_profile *profile = wd_observer_finish(observer);
    wd_observer_close(observer);
    wd_free(connection);
    return profile;
}

static void open_world(struct world *w, const struct row *row)
{
    static const char *const names[] = { "m.yaml" };
    struct wd_bytes schema = wd_bytes_of(row->schema);
    struct wd_binding *bindings = NULL;
    *w = (struct world){ .arena = wd_arena_open(), .limits = wd_limits_default(), .config = wd_config_default() };
    need(w, wd_schema_parse(names, &schema, 1, NULL, &w->limits, &w->schema, &w->err));
    if (row->config[0])
        need(w, wd_config_parse("c.yaml", wd_bytes_of(row->config), w->arena, &w->config, &w->err));
    if (row->reads[0])
        need(w, wd_usage_parse("u.yaml", usage_text(w, row->reads), &w->limits, w->arena, &w->usage, &w->err));
    if (row->traffic[0]) {
        w->profile = observe(&w->config, w->schema, row->traffic);
        need(w, wd_measure_bind(&w->profile, w->schema, &bindings, &w->err));
    }
    struct wd_buf diagnostics = { 0 };
    need(w, wd_usage_check(&w->usage, w->schema, w->profile, true, w->arena, &diagnostics, &w->err));
    assert_int_equal(diagnostics.len, 0);
    w->audit = (struct wd_audit){ .arena = w->arena, .config = &w->config, .profile = w->profile, .schema = w->schema,
                                  .usage = &w->usage, .bindings = bindings };
    need(w, wd_audit_run(&w->audit, &w->err));
    w->rules[w->rule_count++] = "WD101";
    w->rules[w->rule_count++] = "WD102";
    if (row->also[0])
        w->rules[w->rule_count++] = row->also;
}

static void close_world(struct world *w)
{
    wd_profile_free(w->profile);
    wd_schema_free(w->schema);
    wd_arena_close(w->arena);
}

static int make_plan(struct world *w)
{
    return wd_prune_plan(&w->audit, w->rules, w->rule_count, WD_EDIT_REMOVE, w->arena, &w->plan, &w->err);
}

/* ---- plans ---- */

static void put(struct wd_buf *out, char mark, struct wd_bytes message, struct wd_bytes path, struct wd_bytes why)
{
    wd_buf_puts(out, out->len ? " " : "");
    wd_buf_byte(out, (uint8_t)mark);
    wd_buf_put(out, message);
    wd_buf_byte(out, ':');
    wd_buf_put(out, path);
    wd_buf_puts(out, why.len ? " " : "");
    wd_buf_put(out, why);
}

static void put_plan(struct wd_buf *out, const struct wd_prune_plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct wd_edit_target *t = &plan->targets[i];
        put(out, '-', t->message->name, t->field ? t->field->path : wd_bytes_of(""), wd_bytes_of(""));
    }
    for (size_t i = 0; i < plan->kept_count; i++)
        put(out, '=', plan->kept[i].message, plan->kept[i].path, plan->kept[i].why);
}

static bool is_proved(const struct wd_proof *p)
{
    return p->parses && p->differs_exactly && p->reads_remain && p->fits;
}

/* Whatever is planned can be done, in both stages, and is proved. */
static void check_both_stages(struct world *w)
{
    for (int stage = WD_EDIT_REMOVE; stage <= WD_EDIT_DEPRECATE; stage++) {
        struct wd_edit_result *results;
        struct wd_proof proof;
        need(w, wd_edit_apply(w->schema, w->plan.targets, w->plan.target_count, (enum wd_edit_stage)stage, w->arena,
                              &results, &w->err));
        need(w, wd_prune_prove(&w->audit, &w->plan, (enum wd_edit_stage)stage, results, w->arena, &proof, &w->err));
        if (!is_proved(&proof))
            fail_msg("stage %d of\n%.*s\n%.*s", stage, (int)results[0].text.len, (const char *)results[0].text.at,
                     (int)proof.failure.len, (const char *)proof.failure.at);
        wd_prune_free(&proof);
    }
}

static void test_plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct world w;
        struct wd_buf plan = { 0 };
        open_world(&w, &rows[i]);
        if (make_plan(&w) < 0) {
            wd_buf_printf(&plan, "!%s", w.err.text);
            if (rows[i].plan[0] != '!' || !strstr(wd_buf_cstr(&plan), rows[i].plan + 1))
                fail_msg("%s\nreads %s: %s\nnot %s", rows[i].schema, rows[i].reads, w.err.text, rows[i].plan);
        } else {
            put_plan(&plan, &w.plan);
            if (strcmp(wd_buf_cstr(&plan), rows[i].plan) != 0)
                fail_msg("%s\nreads %s\nplan %s\nnot  %s", rows[i].schema, rows[i].reads, wd_buf_cstr(&plan), rows[i].plan);
            check_both_stages(&w);
        }
        wd_buf_free(&plan);
        close_world(&w);
    }
}

/* What is counted for the account. */
static void test_details(void **state)
{
    static const struct row row = {
        ONE("{a: {type: string}, owner: {properties: {email: {type: string}, id: {type: string}}}, owner-x: {}}"), "web m a", "",
        "{\"a\":1,\"owner\":{\"email\":\"a@b.example\",\"id\":\"7\",\"more\":1},\"owner-x\":1}\n"
        "{\"a\":2,\"owner\":{\"email\":\"c@d.example\",\"id\":\"8\",\"more\":1},\"owner-x\":1}\n", "", ""
    };
    struct world w;
    (void)state;
    open_world(&w, &row);
    need(&w, make_plan(&w));
    assert_int_equal(w.plan.target_count, 2);
    assert_int_equal(w.plan.details[0].fields, 2);
    assert_int_equal(w.plan.details[0].messages, 2);
    assert_int_equal(w.plan.details[0].bytes, 2 * strlen("\"owner\":{\"email\":\"a@b.example\",\"id\":\"7\",\"more\":1},"));
    assert_true(w.plan.details[0].is_personal && !w.plan.details[1].is_personal);
    assert_int_equal(w.plan.details[1].fields, 1);
    assert_int_equal(w.plan.field_count, 3);
    assert_int_equal(w.plan.saves_bytes, w.plan.details[0].bytes + w.plan.details[1].bytes);
    close_world(&w);
}

/* ---- proofs ---- */

static const struct row proved = {
    ONE("{a: {type: integer}, b: {type: string}, c: {type: string}}, required: [a, b]"), "web m a", "",
    "{\"a\":1,\"b\":\"x\",\"c\":\"y\"}\n{\"a\":2,\"b\":\"x\"}\n", "", ""
};

/* The texts in place of what the edit gives, and which of the four lines fail: parses, differs, reads, fits. */
static const struct { const char *text, *lines, *failure; } proofs[] = {
    { ONE("{a: {type: integer}}, required: [a]"), "yyyy", "" },
    { ONE("{a: {type: integer}, required: [a]"), "n", "m.yaml" },
    { "asyncapi: 3.0.0\nchannels: {c: {$ref: '#/nowhere'}}\n", "n", "leads nowhere" },
    { ONE("{a: {type: integer}, b: {type: string}}, required: [a, b]"), "ynyn", "still declared: m b" },
    { ONE("{a: {type: integer}}"), "ynyy", "declared differently: m a" },
    { ONE("{a: {type: number}}, required: [a]"), "ynyy", "declared differently: m a" },
    { ONE("{a: {type: string}}, required: [a]"), "ynyn", "declared differently: m a" },
    { ONE("{a: {type: integer}, d: {}}, required: [a]"), "ynyy", "declares something new: m" },
    { ONE("{d: {}}"), "ynny", "no longer declared: m a" },
    { ONE("{a: {type: integer}}, required: [a, b]"), "yyyn", "still required: m b" },
    { ONE("{a: {type: integer}}, required: [a], allOf: [{required: [c]}]"), "yyyn", "still required: m c" },
    { V3("  c: {address: /c, messages: {n: {payload: {type: object}}}}\n"), "ynny", "a message is no longer declared: m" },
};

static void check_proof(const char *text, const char *lines, const char *failure)
{
    struct world w;
    struct wd_proof p;
    open_world(&w, &proved);
    need(&w, make_plan(&w));
    assert_int_equal(w.plan.target_count, 2);
    struct wd_edit_result result = { .document = w.schema->documents[0], .text = wd_bytes_of(text) };
    need(&w, wd_prune_prove(&w.audit, &w.plan, WD_EDIT_REMOVE, &result, w.arena, &p, &w.err));
    char got[5] = { p.parses ? 'y' : 'n', p.differs_exactly ? 'y' : 'n', p.reads_remain ? 'y' : 'n', p.fits ? 'y' : 'n' };
    if (strncmp(got, lines, strlen(lines)) != 0)
        fail_msg("%s\nproof %s, not %s: %.*s", text, got, lines, (int)p.failure.len, (const char *)p.failure.at);
    if (p.failure.len ? !memmem(p.failure.at, p.failure.len, failure, strlen(failure)) || !failure[0] : failure[0])
        fail_msg("%s\nfails with '%.*s', not '%s'", text, (int)p.failure.len, (const char *)p.failure.at, failure);
    assert_int_equal(p.consumers, p.parses);
    assert_int_equal(p.misfits > 0, p.parses && !p.fits);
    wd_prune_free(&p);
    close_world(&w);
}

static void test_proofs(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(proofs); i++)
        check_proof(proofs[i].text, proofs[i].lines, proofs[i].failure);
}

/* Removing what somebody reads is found out even when plan, text and model agree. */
static void test_reads_are_proved(void **state)
{
    struct world w;
    struct wd_proof p;
    struct wd_edit_result *results;
    (void)state;
    open_world(&w, &proved);
    need(&w, make_plan(&w));
    w.plan.targets[0].field = wd_schema_field_find(w.plan.targets[0].message, wd_bytes_of("a"));
    need(&w, wd_edit_apply(w.schema, w.plan.targets, 1, WD_EDIT_REMOVE, w.arena, &results, &w.err));
    w.plan.target_count = 1;
    need(&w, wd_prune_prove(&w.audit, &w.plan, WD_EDIT_REMOVE, results, w.arena, &p, &w.err));
    assert_true(p.parses && p.differs_exactly && !p.reads_remain && p.fits);
    assert_true(memmem(p.failure.at, p.failure.len, "read, but no longer declared: m a", 33) != NULL);
    wd_prune_free(&p);
    close_world(&w);
}

/* A mark that is missing, or one too many. */
static void test_marks_are_proved(void **state)
{
    static const struct { const char *text; bool is_right; } marks[] = {
        { ONE("{a: {type: integer}, b: {deprecated: true, type: string}, c: {type: string, deprecated: true}}, required: [a, b]"), true },
        { ONE("{a: {type: integer}, b: {type: string}, c: {type: string, deprecated: true}}, required: [a, b]"), false },
        { ONE("{a: {type: integer, deprecated: true}, b: {deprecated: true, type: string}, c: {type: string, deprecated: true}}, required: [a, b]"), false },
        { ONE("{a: {type: integer}}, required: [a]"), false },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(marks); i++) {
        struct world w;
        struct wd_proof p;
        open_world(&w, &proved);
        need(&w, make_plan(&w));
        struct wd_edit_result result = { .document = w.schema->documents[0], .text = wd_bytes_of(marks[i].text) };
        need(&w, wd_prune_prove(&w.audit, &w.plan, WD_EDIT_DEPRECATE, &result, w.arena, &p, &w.err));
        assert_int_equal(p.differs_exactly, marks[i].is_right);
        wd_prune_free(&p);
        close_world(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),  cmocka_unit_test(test_details),
        cmocka_unit_test(test_proofs), cmocka_unit_test(test_reads_are_proved),
        cmocka_unit_test(test_marks_are_proved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
