#include "watch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

void watch_init(struct watch *w)
{
    *w = (struct watch){ .config = { .limits = wd_limits_default(), .thresholds = { .changed_beyond = 0.05 } },
                         .now_ns = INT64_C(1700000000000000000) };
}

void watch_start(struct watch *w)
{
    w->observer = wd_observer_open(&w->config, w->has_schema ? &w->schema : NULL);
    w->sink = wd_observer_sink(w->observer);
}

void line_open(struct line *line, struct watch *w, enum wd_transport transport, const char *path)
{
    *line = (struct line){ .watch = w };
    line->connection = (struct wd_connection){ .id = ++w->connections };
    line->connection.key.addr[0][0] = 1;
    line->connection.key.addr[1][0] = 2;
    line->connection.key.port[0] = (uint16_t)(40000 + w->connections);
    line->connection.key.port[1] = 80;
    line->channel = (struct wd_channel){ .connection = &line->connection, .transport = transport, .path = wd_bytes_of(path),
                                         .openings = 1, .is_open = transport != WD_TRANSPORT_HTTP };
    assert_int_equal(w->sink.opened(w->sink.ctx, &line->channel, w->now_ns), WD_OK);
}

void line_close(struct line *line)
{
    struct watch *w = line->watch;
    w->sink.closed(w->sink.ctx, &line->channel, w->now_ns, true);
    assert_null(line->channel.user[0]);
    assert_null(line->channel.user[1]);
    line->channel.path = wd_bytes_of("gone");
}

void say_message(struct line *line, struct wd_message m)
{
    struct watch *w = line->watch;
    w->now_ns += 1000000000;
    m.channel = &line->channel;
    m.ts_ns = w->now_ns;
    if (!m.body_len)
        m.body_len = m.body.len;
    if (!m.wire_len && !m.odd_bits)
        m.wire_len = m.body_len;
    /* An exact copy that is gone afterwards, so that a sanitizer sees whoever keeps or overruns it. */
    uint8_t *body = wd_alloc(m.body.len + !m.body.len);
    if (m.body.len)
        memcpy(body, m.body.at, m.body.len);
    m.body.at = body;
    assert_int_equal(w->sink.message(w->sink.ctx, &m), WD_OK);
    wd_free(body);
}

void say_bytes(struct line *line, struct wd_bytes body)
{
    say_message(line, (struct wd_message){ .direction = WD_S2C, .body = body });
}

void say(struct line *line, const char *body)
{
    say_bytes(line, wd_bytes_of(body));
}

void say_printf(struct line *line, const char *format, ...)
{
    char body[200];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    say(line, body);
}

void ask(struct line *line, const char *body)
{
    say_message(line, (struct wd_message){ .direction = WD_C2S, .body = wd_bytes_of(body) });
}

void say_event(struct line *line, const char *event, const char *body)
{
    say_message(line, (struct wd_message){ .direction = WD_S2C, .event = wd_bytes_of(event), .body = wd_bytes_of(body) });
}

struct wd_profile *watch_end(struct watch *w)
{
    struct wd_profile *p = wd_observer_finish(w->observer);
    wd_observer_report(w->observer, &w->report);
    struct wd_buf why = { 0 };
    wd_observer_close(w->observer);
    p->ledger.layer[WD_LAYER_PAYLOAD] = p->ledger.captured_bytes = p->wire_payload_bytes;
    if (!wd_profile_balances(p, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    wd_buf_free(&why);
    return p;
}

const struct wd_type_profile *type_of(const struct wd_profile *p, const char *name)
{
    const struct wd_type_profile *found = NULL;
    for (size_t t = 0; t < p->type_count; t++) {
        if (!wd_bytes_is(p->types[t].name, name))
            continue;
        if (found)
            fail_msg("two types are called %s", name);
        found = &p->types[t];
    }
    if (!found)
        fail_msg("no type is called %s", name);
    return found;
}

bool has_type(const struct wd_profile *p, const char *name)
{
    for (size_t t = 0; t < p->type_count; t++)
        if (wd_bytes_is(p->types[t].name, name))
            return true;
    return false;
}

bool has_row(const struct wd_type_profile *t, const char *path)
{
    for (size_t r = 0; r < t->row_count; r++)
        if (wd_bytes_is(t->rows[r].path, path))
            return true;
    return false;
}

const struct wd_row *row_of(const struct wd_type_profile *t, const char *path)
{
    for (size_t r = 0; r < t->row_count; r++)
        if (wd_bytes_is(t->rows[r].path, path))
            return &t->rows[r];
    fail_msg("no row at %s", path);
    return NULL;
}

void assert_bytes(struct wd_bytes got, const char *expected)
{
    if (!wd_bytes_is(got, expected))
        fail_msg("'%.*s' instead of '%s'", (int)got.len, (const char *)got.at, expected);
}

void assert_equals(const struct wd_row *row, const char *paths)
{
    struct wd_buf got = { 0 };
    for (size_t i = 0; i < row->equals_count; i++) {
        if (i)
            wd_buf_byte(&got, ' ');
        wd_buf_put(&got, row->equals[i]);
    }
    assert_string_equal(wd_buf_cstr(&got), paths);
    wd_buf_free(&got);
}
