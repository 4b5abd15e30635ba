/* cmd/decode.c - one payload, or the messages of one stream -> fields with roles, offsets and lengths: what a
 * codec sees. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "document/avro.h"
#include "field/avro.h"
#include "field/codec.h"
#include "field/text.h"
#include "pipeline/stream.h"
#include "schema/schema.h"

enum { OPT_CODEC = 400, OPT_STREAM, OPT_SHOW_VALUES, OPT_MESSAGE };

struct args {
    struct wd_common common;
    struct wd_words files, schemas;
    const char *codec, *stream, *message;
    const char *force;   /* what --show-values= says */
    bool shows_values;
};

/* One run: the path tree learns from message to message, the output grows. */
struct decoding {
    struct args *args;
    const struct wd_layout *layout;  /* of the schema, NULL: none */
    struct wd_paths *paths;
    struct wd_tape tape;
    struct wd_buf out;
    struct wd_buf path, value, scratch;  /* of the row at hand */
    uint64_t messages, malformed;
};

static const struct argp_option options[] = {
    {"codec", OPT_CODEC, "CODEC", 0, "one of" WD_CODEC_NAMES " (default: what the payload looks like)", 1},
    {"stream", OPT_STREAM, "PROTOCOL", 0, "FILE holds what one side sent: websocket, sse, http or http2", 1},
    {"schema", 's', "FILE", 0, "read binary payloads by this schema (repeatable)", 1},
    {"message", OPT_MESSAGE, "NAME", 0, "which message of the schema FILE holds, where it has several", 1},
    {"show-values", OPT_SHOW_VALUES, "force", OPTION_ARG_OPTIONAL,
     "print the values too; =force: also when the output is not a terminal", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = state->child_inputs[1] = &a->common; return 0;
    case 's': wd_words_add(&a->schemas, arg); return 0;
    case OPT_MESSAGE: a->message = arg; return 0;
    case OPT_CODEC: a->codec = arg; return 0;
    case OPT_STREAM: a->stream = arg; return 0;
    case OPT_SHOW_VALUES:
        a->shows_values = true;
        a->force = arg;
        return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->files, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { &wd_common_argp, 0, NULL, 0 }, { &wd_schema_argp, 0, NULL, 0 }, { 0 },
};
static const struct argp argp = {
    options,
    parse,
    "FILE",
    "Prints the fields of one payload in the order of the wire: which bytes are whose."
    "\vFILE holds one message body, or with --stream the bytes that one side sent; - is standard input. What "
    "is malformed exits with 3. Examples:\n\n"
    "  wirediet decode message.json\n"
    "  wirediet decode --stream sse events.txt\n"
    "  wirediet decode -s desk.proto --message desk.Order order.bin",
    children,
    NULL,
    NULL,
};

/* As it stands there; of a binary codec what it says, bytes as hexadecimal digits. */
static struct wd_bytes read_value(struct decoding *d, const struct wd_field *f, struct wd_bytes body)
{
    if (!(f->flags & WD_FIELD_BINARY))
        return wd_bytes_at(body.at + f->value_off, f->value_len);
    struct wd_bytes text = wd_field_text(f, body, &d->scratch);
    if (f->type != WD_TYPE_BYTES)
        return text;
    wd_buf_reset(&d->value);
    wd_put_hex(&d->value, text);
    return wd_buf_bytes(&d->value);
}

static void put_text_row(struct decoding *d, const struct wd_field *f, struct wd_bytes path,
                         struct wd_bytes body)
{
    struct wd_buf *out = &d->out;
    wd_buf_printf(out, "%8" PRIu32 " %6" PRIu32 " %6" PRIu32 " %6" PRIu32 " %6" PRIu32 "  %-8s ",
                  f->key_len ? f->key_off : f->value_off, f->key_len, f->value_len, f->syntax_len,
                  f->space_len, f->flags & WD_FIELD_MALFORMED ? "-" : wd_type_names[f->type]);
    wd_put_terminal(out, path);
    if (d->args->shows_values && f->value_len) {
        wd_buf_puts(out, "  ");
        wd_put_terminal(out, read_value(d, f, body));
    }
    wd_buf_byte(out, '\n');
}

static void put_json_row(struct decoding *d, const struct wd_field *f, struct wd_bytes path,
                         struct wd_bytes body)
{
    struct wd_buf *out = &d->out;
    wd_buf_puts(out, "{\"path\": ");
    wd_put_json(out, path);
    wd_buf_printf(out,
                  ", \"type\": \"%s\", \"key_offset\": %" PRIu32 ", \"key_bytes\": %" PRIu32
                  ", \"value_offset\": %" PRIu32 ", \"value_bytes\": %" PRIu32 ", \"syntax_bytes\": %" PRIu32
                  ", \"whitespace_bytes\": %" PRIu32,
                  wd_type_names[f->type], f->key_off, f->key_len, f->value_off, f->value_len, f->syntax_len,
                  f->space_len);
    if (d->args->shows_values) {
        wd_buf_puts(out, ", \"value\": ");
        wd_put_json(out, read_value(d, f, body));
    }
    wd_buf_byte(out, '}');
}

static void put_tape(struct decoding *d, struct wd_bytes body, const char *codec)
{
    const struct wd_tape *tape = &d->tape;
    bool is_json = d->args->common.format == WD_FORMAT_JSON;
    if (is_json)
        wd_buf_printf(&d->out, "{\"codec\": \"%s\", \"bytes\": %zu, \"fields\": [\n", codec, body.len);
    else
        wd_buf_puts(&d->out, "  offset    key  value syntax  space  type     path\n");
    for (uint32_t i = 0; i < tape->count; i++) {
        wd_buf_reset(&d->path);
        wd_paths_write(d->paths, tape->fields[i].path, &d->path);
        (is_json ? put_json_row : put_text_row)(d, &tape->fields[i], wd_buf_bytes(&d->path), body);
        if (is_json)
            wd_buf_puts(&d->out, i + 1 < tape->count ? ",\n" : "\n");
    }
    if (is_json)
        wd_buf_puts(&d->out, "]}\n");
    else
        wd_buf_printf(&d->out, "%zu bytes, %s\n", body.len, codec);
}

/* --- layouts --- */

static struct wd_bytes full_name(const struct wd_layout *layout)
{
    return layout->proto ? layout->proto->name : layout->avro ? layout->avro->name : (struct wd_bytes){ 0 };
}

/* By its full name, or by what the schema or its last part calls it. */
static bool is_called(const struct wd_schema_message *m, struct wd_bytes name)
{
    struct wd_bytes full = full_name(m->layout);
    bool is_end = full.len > name.len && full.at[full.len - name.len - 1] == '.' &&
                  wd_bytes_eq(wd_bytes_at(full.at + full.len - name.len, name.len), name);
    return is_end || wd_bytes_eq(full, name) || wd_bytes_eq(m->name, name) || wd_bytes_eq(m->key, name);
}

/* The layout that --message names, or the only one that there is. */
static int choose_layout(struct args *a, const struct wd_schema *schema, const struct wd_layout **out)
{
    struct wd_shown shown;
    struct wd_bytes name = wd_bytes_of(a->message);
    const struct wd_layout *found = NULL;
    for (size_t i = 0; i < schema->message_count; i++) {
        const struct wd_schema_message *m = &schema->messages[i];
        if (!m->layout || m->layout == found || (name.len && !is_called(m, name)))
            continue;
        if (found)
            return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                           "the schema has several messages%s%s; say which with --message NAME, such as %.120s",
                           name.len ? " called " : "", name.len ? wd_show(&shown, name) : "",
                           wd_show(&(struct wd_shown){ { 0 } }, full_name(m->layout)));
        found = m->layout;
    }
    if (!found && name.len)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "the schema has no binary message called %s; --message takes the full name",
                       wd_show(&shown, name));
    *out = found;
    return WD_OK;
}

/* What a body brings along: the schema in front of an Avro container file. NULL: nothing. */
static int find_layout(struct decoding *d, struct wd_bytes body, const struct wd_layout **out)
{
    struct args *a = d->args;
    struct wd_bytes schema;
    *out = d->layout;
    if (d->layout || !wd_avro_file_schema(body, &schema))
        return WD_OK;
    struct wd_arena *arena = a->common.arena;
    struct wd_layout *layout = wd_arena_new(arena, struct wd_layout);
    TRY(wd_avro_read_text("avro.schema", schema, &a->common.config.limits, arena, layout, &a->common.err));
    *out = layout;
    return WD_OK;
}

static int choose(struct decoding *d, struct wd_bytes body, bool is_text, const struct wd_codec **out)
{
    const char *name = d->args->codec;
    if (name)
        return wd_codec_named(wd_bytes_of(name), (struct wd_place){ 0 }, out, &d->args->common.err);
    *out = wd_codec_choose((struct wd_bytes){ 0 }, d->layout, body, is_text);
    return WD_OK;
}

static int decode_body(struct decoding *d, struct wd_bytes body, bool is_text)
{
    const struct wd_codec *codec;
    const struct wd_layout *layout;
    TRY(choose(d, body, is_text, &codec));
    TRY(find_layout(d, body, &layout));
    codec->walk(body, layout, d->paths, &d->args->common.config.limits, &d->tape);
    put_tape(d, body, codec->name);
    d->malformed += d->tape.fault != NULL;
    return WD_OK;
}

static int decode_payload(struct decoding *d, struct wd_bytes body)
{
    TRY(decode_body(d, body, false));
    TRY(wd_common_write(&d->args->common, &d->out, &d->args->files, 0600));
    if (!d->tape.fault)
        return WD_OK;
    struct wd_place at = { .file = d->args->files.at[0], .offset = d->tape.fault_off, .has_offset = true };
    return wd_fail(&d->args->common.err, WD_EPARSE, at, "malformed: %s; the rest counts as (malformed)",
                   d->tape.fault);
}

/* --- streams --- */

static void put_json_head(struct decoding *d, const struct wd_message *m)
{
    wd_buf_printf(&d->out, "%s{\"message\": %" PRIu64 ", \"text\": %s, \"wire_bytes\": %" PRIu64 ", \"event\": ",
                  d->messages > 1 ? "," : "", d->messages, m->is_text ? "true" : "false", m->wire_len);
    wd_put_json(&d->out, m->event);
    wd_buf_puts(&d->out, ", \"payload\": ");
}

static void put_text_head(struct decoding *d, const struct wd_message *m)
{
    wd_buf_printf(&d->out, "%smessage %" PRIu64 "  %s  %" PRIu64 " bytes on the wire",
                  d->messages > 1 ? "\n" : "", d->messages, m->is_text ? "text" : "binary", m->wire_len);
    wd_buf_puts(&d->out, m->event.len ? "  event " : "");
    wd_put_terminal(&d->out, m->event);
    wd_buf_byte(&d->out, '\n');
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct decoding *d = ctx;
    bool is_json = d->args->common.format == WD_FORMAT_JSON;
    d->messages++;
    (is_json ? put_json_head : put_text_head)(d, m);
    TRY(decode_body(d, m->body, m->is_text));
    if (is_json)
        wd_buf_byte(&d->out, '}');
    return WD_OK;
}

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ctx;
    (void)channel;
    (void)ts_ns;
    return WD_OK;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ctx;
    (void)channel;
    (void)ts_ns;
    (void)is_last;
}

static int decode_stream(struct decoding *d, struct wd_bytes bytes)
{
    struct wd_common *common = &d->args->common;
    const struct wd_message_sink sink = { d, on_opened, on_message, on_closed, NULL };
    uint64_t undecoded = 0;
    bool is_json = common->format == WD_FORMAT_JSON;
    if (is_json)
        wd_buf_puts(&d->out, "[");
    TRY(wd_stream_replay(d->args->stream, bytes, &common->config.limits, &sink, &undecoded, &common->err));
    if (is_json)
        wd_buf_puts(&d->out, "]\n");
    else if (!d->messages)
        wd_buf_printf(&d->out, "no message: %" PRIu64 " of %zu bytes could not be read as %s\n", undecoded,
                      bytes.len, d->args->stream);
    TRY(wd_common_write(common, &d->out, &d->args->files, 0600));
    if (!undecoded && !d->malformed)
        return WD_OK;
    return wd_fail(&common->err, WD_EPARSE, (struct wd_place){ .file = d->args->files.at[0] },
                   "%" PRIu64 " messages are malformed, %" PRIu64 " bytes could not be read", d->malformed,
                   undecoded);
}

static int read_schema(struct args *a, struct wd_schema **schema, const struct wd_layout **layout)
{
    if (!a->schemas.count && a->message)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--message names a message of a schema; name the schema with -s");
    if (!a->schemas.count)
        return WD_OK;
    TRY(wd_common_spare_all(&a->common, &a->schemas));
    TRY(wd_common_schema(&a->common, &a->schemas, schema));
    return choose_layout(a, *schema, layout);
}

static int decode(struct args *a, const struct wd_layout *layout, struct wd_bytes body)
{
    struct wd_paths *paths = wd_paths_open(&a->common.config.limits, NULL);
    struct decoding d = { .args = a, .layout = layout, .paths = paths };
    int rc = a->stream ? decode_stream(&d, body) : decode_payload(&d, body);
    wd_paths_close(d.paths);
    wd_tape_free(&d.tape);
    wd_buf_free(&d.out);
    wd_buf_free(&d.path);
    wd_buf_free(&d.value);
    wd_buf_free(&d.scratch);
    return rc;
}

static int work(struct args *a)
{
    struct wd_bytes body;
    struct wd_schema *schema = NULL;
    const struct wd_layout *layout = NULL;
    a->common.reads_schemas = a->schemas.count > 0;
    TRY(wd_common_start(&a->common));
    if (a->shows_values)
        TRY(wd_common_show_values(&a->common, a->force));
    if (a->files.count != 1)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 },
                       "decode takes one file; - is standard input");
    TRY(wd_file_read(a->files.at[0], a->common.config.limits.message, a->common.arena, &body,
                     &a->common.err));
    int rc = read_schema(a, &schema, &layout);
    if (rc == WD_OK)
        rc = decode(a, layout, body);
    wd_schema_free(schema);
    return rc;
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = 1u << WD_FORMAT_TEXT | 1u << WD_FORMAT_JSON };
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a));
    wd_free(a.files.at);
    wd_free(a.schemas.at);
    return status;
}

const struct wd_verb wd_verb_decode = { "decode", "one payload -> its fields with offsets and lengths", run };
