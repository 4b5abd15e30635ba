#include "pipeline/intake.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/jevents.h"
#include "message/har.h"
#include "message/lines.h"
#include "packet/capture.h"
#include "packet/unpack.h"
#include "profile/file.h"

struct wd_intake {
    struct wd_intake_run *run;
    const char *name;
    struct wd_input *input;
    struct wd_unpack *unpack;    /* NULL: not compressed */
    bool is_packing_known;
    struct wd_buf head;          /* until it is known what comes */
    const struct reader *reader; /* NULL: not known yet */
    union {
        struct wd_capture *capture;
        struct wd_har *har;
        struct wd_lines *lines;
    };
    struct wd_err *err;          /* of the call that is running: for what the filter says */
};

/* One row per kind of input. */
struct reader {
    enum wd_input_kind kind;
    uint32_t lacks;
    int (*open)(struct wd_intake *in, struct wd_err *err);
    int (*feed)(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err);
    int (*finish)(struct wd_intake *in, struct wd_buf *diagnostics, struct wd_err *err);
    const char *(*fault)(const struct wd_intake *in);
    void (*free)(struct wd_intake *in);
};

/* --- captures --- */

static int on_packet(void *ctx, const struct wd_packet *packet)
{
    struct wd_intake *in = ctx;
    struct wd_intake_run *run = in->run;
    if (!wd_window_is_open(&run->selection.window) && !wd_window_has(&run->selection.window, packet->ts_ns)) {
        run->outside++;
        in->input->left_out++;
        return WD_OK;
    }
    bool is_wanted = true;
    if (run->filter)
        TRY(wd_filter_has(run->filter, packet, &is_wanted, in->err));
    if (!is_wanted) {
        run->filtered++;
        in->input->left_out++;
        return WD_OK;
    }
    return wd_road_packet(run->road, packet);
}

static int open_capture(struct wd_intake *in, struct wd_err *err)
{
    (void)err;
    struct wd_intake_run *run = in->run;
    struct wd_road *road = run->road;
    bool is_picky = run->filter || !wd_window_is_open(&run->selection.window);
    in->capture = wd_capture_open(in->name, &road->config->limits, &road->ledger,
                                  is_picky ? on_packet : wd_road_packet, is_picky ? (void *)in : road);
    wd_keys_listen(run->keys, in->capture, in->name);
    return WD_OK;
}

static int feed_capture(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err)
{
    return wd_capture_feed(in->capture, bytes, err);
}

static int finish_capture(struct wd_intake *in, struct wd_buf *diagnostics, struct wd_err *err)
{
    (void)diagnostics;
    in->run->kept += in->input->packets;
    return wd_capture_finish(in->capture, err);
}

static const char *fault_of_capture(const struct wd_intake *in) { return wd_capture_fault(in->capture); }
static void free_capture(struct wd_intake *in) { wd_capture_free(in->capture); }

/* --- what holds messages --- */

static int refuse_filter(const struct wd_intake *in, struct wd_err *err)
{
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ .file = in->name },
                   "--filter looks at packets, and this file has none; leave the option or the file out");
}

static void note_told(struct wd_intake *in, const struct wd_told *told)
{
    in->input->messages = told->messages;
    in->input->left_out = told->left_out;
    in->input->first_ns = told->first_ns;
    in->input->last_ns = told->has_time ? told->last_ns : INT64_MIN;
    if (told->lacks_heads)
        in->input->lacks |= 1u << WD_LAYER_HTTP;
    in->run->outside += told->left_out;
    in->run->kept += told->messages;
    in->run->road->told_connections += told->connections;
}

static int open_har(struct wd_intake *in, struct wd_err *err)
{
    struct wd_road *road = in->run->road;
    in->har = wd_har_open(in->name, &road->config->limits, &road->ledger, road->messages,
                          &in->run->selection.window);
    return in->run->filter ? refuse_filter(in, err) : WD_OK;
}

static int feed_har(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err)
{
    return wd_har_feed(in->har, bytes, err);
}

static int finish_har(struct wd_intake *in, struct wd_buf *diagnostics, struct wd_err *err)
{
    TRY(wd_har_finish(in->har, err));
    wd_har_notes(in->har, diagnostics);
    note_told(in, wd_har_told(in->har));
    return WD_OK;
}

static const char *fault_of_har(const struct wd_intake *in) { return wd_har_fault(in->har); }
static void free_har(struct wd_intake *in) { wd_har_free(in->har); }

static int open_lines(struct wd_intake *in, struct wd_err *err)
{
    in->run->has_lines = true;
    struct wd_road *road = in->run->road;
    struct wd_selection *s = &in->run->selection;
    in->lines =
        wd_lines_open(in->name, &s->lines, &road->config->limits, &road->ledger, road->messages, &s->window);
    if (!wd_window_is_open(&s->window) && !s->lines.path[WD_LINE_TIME])
        return wd_fail(
            err, WD_EUSAGE, (struct wd_place){ .file = in->name },
            "--from and --to need to know when a line was written; "
            "say where its time is with --ndjson time=PATH");
    return in->run->filter ? refuse_filter(in, err) : WD_OK;
}

static int feed_lines(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err)
{
    return wd_lines_feed(in->lines, bytes, err);
}

static int finish_lines(struct wd_intake *in, struct wd_buf *diagnostics, struct wd_err *err)
{
    (void)diagnostics;
    TRY(wd_lines_finish(in->lines, err));
    note_told(in, wd_lines_told(in->lines));
    return WD_OK;
}

static const char *fault_of_lines(const struct wd_intake *in) { return wd_lines_fault(in->lines); }
static void free_lines(struct wd_intake *in) { wd_lines_free(in->lines); }

/* What carried the messages is in no HAR, and nothing but messages is in lines. */
#define BELOW                                                                                                \
    (1u << WD_LAYER_LINK | 1u << WD_LAYER_IP | 1u << WD_LAYER_TRANSPORT | 1u << WD_LAYER_TLS |               \
     1u << WD_LAYER_FRAMING | 1u << WD_LAYER_CONTROL | 1u << WD_LAYER_RETRANSMITTED |                        \
     1u << WD_LAYER_DUPLICATE)

static const struct reader capture_reader = {
    WD_INPUT_CAPTURE, 0, open_capture, feed_capture, finish_capture, fault_of_capture, free_capture
};
static const struct reader har_reader = { WD_INPUT_HAR, BELOW,        open_har, feed_har,
                                          finish_har,   fault_of_har, free_har };
static const struct reader lines_reader = { WD_INPUT_NDJSON, BELOW | 1u << WD_LAYER_HTTP,
                                            open_lines,      feed_lines,
                                            finish_lines,    fault_of_lines,
                                            free_lines };

/* --- what it is --- */

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcasecmp(name + n - m, end) == 0;
}

/* The extension below that of the packing. */
static bool has_extension(const char *name, const char *extension)
{
    static const char *const packed[] = { "", ".gz", ".zst" };
    char whole[32];
    for (size_t i = 0; i < WD_COUNT(packed); i++) {
        snprintf(whole, sizeof whole, "%s%s", extension, packed[i]);
        if (ends_with(name, whole))
            return true;
    }
    return false;
}

struct look { struct wd_bytes key; bool is_object, is_seen; uint8_t name[16]; };

/* The first member: a HAR is {"log": {...}}, as no line of a log is. */
static int look_at(void *ctx, const struct wd_jevent *event)
{
    struct look *look = ctx;
    if (event->depth == 0)
        return event->kind == WD_J_OBJECT ? WD_OK : WD_STOP;
    look->is_seen = true;
    look->is_object = event->kind == WD_J_OBJECT;
    look->key =
        wd_bytes_at(look->name, event->key.len < sizeof look->name ? event->key.len : sizeof look->name);
    if (look->key.len)
        memcpy(look->name, event->key.at, look->key.len);
    return WD_STOP;
}

static bool begins_like_har(struct wd_bytes head)
{
    struct look look = { { 0 }, false, false, { 0 } };
    struct wd_jevents json;
    wd_jevents_open(&json, look_at, NULL, &look);
    wd_jevents_feed(&json, head);
    wd_jevents_free(&json);
    return look.is_seen && look.is_object && wd_bytes_is(look.key, "log");
}

static int look_over(void *ctx, const struct wd_jevent *event)
{
    (void)ctx;
    (void)event;
    return WD_OK;
}

/* A first line that is a value of its own, and another one that begins: no single JSON text looks like
 * this. */
static bool begins_like_lines(struct wd_bytes head)
{
    const uint8_t *lf = head.len ? memchr(head.at, '\n', head.len) : NULL;
    size_t len = lf ? (size_t)(lf - head.at) : 0;
    if (!lf || len + 1 == head.len || (head.at[len + 1] != '{' && head.at[len + 1] != '['))
        return false;
    struct wd_jevents json;
    wd_jevents_open(&json, look_over, NULL, NULL);
    wd_jevents_feed(&json, wd_bytes_at(head.at, len));
    wd_jevents_finish(&json);
    wd_jevents_free(&json);
    return !json.fault;
}

static const struct reader *reader_for(const char *name, const struct wd_lines_layout *layout,
                                       struct wd_bytes head)
{
    bool is_json = wd_profile_sniff(head);
    if (layout && layout->is_forced && !wd_capture_sniff(head) && !begins_like_har(head))
        return &lines_reader;
    if (has_extension(name, ".ndjson") || has_extension(name, ".jsonl"))
        return &lines_reader;
    if (has_extension(name, ".har") || (is_json && begins_like_har(head)))
        return &har_reader;
    return is_json && begins_like_lines(head) ? &lines_reader : &capture_reader;
}

bool wd_intake_is_profile(const char *name, const struct wd_selection *selection, struct wd_bytes head)
{
    return wd_profile_sniff(head) && reader_for(name, &selection->lines, head) == &capture_reader;
}

/* --- a file --- */

static int recognise(struct wd_intake *in, struct wd_err *err)
{
    struct wd_bytes head = in->head.len ? wd_buf_bytes(&in->head) : wd_bytes_of("");
    in->reader = reader_for(in->name, &in->run->selection.lines, head);
    in->input->kind = in->reader->kind;
    in->input->lacks = in->reader->lacks;
    TRY(in->reader->open(in, err));
    return head.len ? in->reader->feed(in, head, err) : WD_OK;
}

static int feed_plain(void *ctx, struct wd_bytes bytes, struct wd_err *err)
{
    struct wd_intake *in = ctx;
    if (in->reader)
        return in->reader->feed(in, bytes, err);
    if (!in->head.len && bytes.len >= WD_INTAKE_HEAD) {   /* the usual piece need not be copied */
        in->head = (struct wd_buf){ (uint8_t *)bytes.at, bytes.len, bytes.len };
        int rc = recognise(in, err);
        in->head = (struct wd_buf){ 0 };
        return rc;
    }
    wd_buf_put(&in->head, bytes);
    if (in->head.len < WD_INTAKE_HEAD)
        return WD_OK;
    int rc = recognise(in, err);
    wd_buf_free(&in->head);
    in->head = (struct wd_buf){ 0 };
    return rc;
}

static int feed_packed(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err)
{
    if (in->is_packing_known)
        return in->unpack ? wd_unpack_feed(in->unpack, bytes, err) : feed_plain(in, bytes, err);
    if (!in->head.len && bytes.len >= WD_UNPACK_HEAD) {
        in->is_packing_known = true;
        if (wd_unpack_sniff(bytes))
            in->unpack = wd_unpack_open(in->name, bytes, &in->run->road->config->limits, feed_plain, in);
        return feed_packed(in, bytes, err);
    }
    wd_buf_put(&in->head, bytes);
    if (in->head.len < WD_UNPACK_HEAD)
        return WD_OK;
    struct wd_buf start = in->head;
    in->head = (struct wd_buf){ 0 };
    int rc = feed_packed(in, wd_buf_bytes(&start), err);
    wd_buf_free(&start);
    return rc;
}

struct wd_intake *wd_intake_open(struct wd_intake_run *run, const char *name)
{
    struct wd_intake *in = wd_alloc(sizeof *in);
    in->run = run;
    in->name = name;
    in->input = wd_road_begin_input(run->road, name);
    return in;
}

int wd_intake_feed(struct wd_intake *in, struct wd_bytes bytes, struct wd_err *err)
{
    in->err = err;
    in->input->bytes += bytes.len;
    return feed_packed(in, bytes, err);
}

/* Lines go on after a bad one; of everything else only what comes before the damage can be read. */
static int say_fault(const struct wd_intake *in, const char *fault, bool is_strict,
                     struct wd_buf *diagnostics, struct wd_err *err)
{
    const char *used = in->reader == &lines_reader ? "the other lines are used" : "what comes before is used";
    if (is_strict)
        return wd_fail(err, WD_EPARSE, (struct wd_place){ 0 }, "%.600s; without --strict %s", fault, used);
    wd_buf_printf(diagnostics, "%s; %s\n", fault, used);
    return WD_OK;
}

/* Compressed data that is broken also cuts what is inside: one fault, one line. */
static int finish_unpack(struct wd_intake *in, bool is_strict, struct wd_buf *diagnostics, struct wd_err *err)
{
    uint64_t damaged = in->run->road->ledger.damaged;
    wd_unpack_finish(in->unpack);
    const char *fault = wd_unpack_fault(in->unpack);
    struct wd_err inside = { 0 };
    int rc = in->reader ? WD_OK : recognise(in, &inside);
    if (rc >= 0)
        rc = in->reader->finish(in, diagnostics, &inside);
    if (!fault) {
        if (rc < 0)
            *err = inside;
        return rc;
    }
    if (rc == WD_EPARSE)
        return wd_fail(err, WD_EPARSE, (struct wd_place){ 0 }, "%.500s; copy or record the file again",
                       fault);
    if (rc < 0) {
        *err = inside;
        return rc;
    }
    in->run->road->ledger.damaged = damaged + 1;
    return say_fault(in, fault, is_strict, diagnostics, err);
}

int wd_intake_finish(struct wd_intake *in, bool is_strict, bool is_interrupted, struct wd_buf *diagnostics,
                     struct wd_err *err)
{
    in->err = err;
    if (is_interrupted && in->unpack)
        return in->reader ? in->reader->finish(in, diagnostics, err) : WD_OK;
    if (in->unpack) {
        TRY(finish_unpack(in, is_strict, diagnostics, err));
        if (wd_unpack_fault(in->unpack))
            return WD_OK;
    } else {
        if (!in->reader)
            TRY(recognise(in, err));
        TRY(in->reader->finish(in, diagnostics, err));
    }
    const char *fault = in->reader->fault(in);
    return fault && !is_interrupted ? say_fault(in, fault, is_strict, diagnostics, err) : WD_OK;
}

void wd_intake_free(struct wd_intake *in)
{
    if (!in)
        return;
    if (in->reader)
        in->reader->free(in);
    wd_unpack_free(in->unpack);
    wd_buf_free(&in->head);
    wd_free(in);
}

/* --- a run --- */

int wd_intake_run_open(struct wd_intake_run *run, struct wd_keys *keys, const struct wd_selection *selection,
                       struct wd_err *err)
{
    *run = (struct wd_intake_run){ .road = keys->road, .keys = keys, .selection = *selection };
    return selection->filter ? wd_filter_open(selection->filter, &run->filter, err) : WD_OK;
}

void wd_intake_run_note(const struct wd_intake_run *run, struct wd_buf *diagnostics)
{
    struct wd_shown shown;
    if (run->selection.lines.is_forced && !run->has_lines)
        wd_buf_puts(diagnostics, "--ndjson: not needed, since no input is lines of JSON\n");
    if (run->kept || (!run->outside && !run->filtered))
        return;
    wd_buf_puts(diagnostics, "nothing is left: ");
    if (run->outside)
        wd_buf_printf(diagnostics, "%s%s%s left out %" PRIu64 "%s",
                      run->selection.window.from.text ? "--from" : "",
                      run->selection.window.from.text && run->selection.window.to.text ? " and " : "",
                      run->selection.window.to.text ? "--to" : "", run->outside, run->filtered ? ", " : "");
    if (run->filtered)
        wd_buf_printf(diagnostics, "--filter '%s' left out %" PRIu64,
                      wd_show(&shown, wd_bytes_of(run->selection.filter)), run->filtered);
    wd_buf_printf(diagnostics, " of %" PRIu64 " packets or messages\n", run->outside + run->filtered);
}

void wd_intake_run_free(struct wd_intake_run *run)
{
    wd_filter_free(run->filter);
}

/* --- a look ahead --- */

struct peek {
    const char *name;
    const struct wd_limits *limits;
    struct wd_capture *capture;
    struct wd_ledger ledger;
    struct wd_buf head;
    bool has_packet;
    int64_t first_ns;
};

static int peek_packet(void *ctx, const struct wd_packet *packet)
{
    struct peek *p = ctx;
    p->has_packet = true;
    p->first_ns = packet->ts_ns;
    return WD_STOP;
}

static int peek_plain(void *ctx, struct wd_bytes bytes, struct wd_err *err)
{
    struct peek *p = ctx;
    (void)err;
    wd_buf_put(&p->head, bytes);
    return p->head.len > (1u << 20) ? WD_STOP : WD_OK;
}

bool wd_intake_peek(const char *name, struct wd_bytes head, const struct wd_limits *limits, bool *is_input,
                    int64_t *first_ns)
{
    struct peek p = { .name = name, .limits = limits };
    struct wd_err err = { 0 };
    if (wd_unpack_sniff(head)) {
        struct wd_unpack *unpack = wd_unpack_open(name, head, limits, peek_plain, &p);
        wd_unpack_feed(unpack, head, &err);
        wd_unpack_free(unpack);
        head = p.head.len ? wd_buf_bytes(&p.head) : wd_bytes_of("");
    }
    bool is_capture = wd_capture_sniff(head);
    *is_input = is_capture || reader_for(name, NULL, head) != &capture_reader;
    if (is_capture) {
        p.capture = wd_capture_open(name, limits, &p.ledger, peek_packet, &p);
        wd_capture_feed(p.capture, head, &err);
        wd_capture_free(p.capture);
    }
    wd_buf_free(&p.head);
    *first_ns = p.first_ns;
    return p.has_packet;
}
