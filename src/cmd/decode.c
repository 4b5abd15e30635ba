/* cmd/decode.c - one payload -> its fields with roles, offsets and lengths: what a codec sees. */
#include <inttypes.h>

#include "base/escape.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "field/codec.h"

enum { OPT_CODEC = 400, OPT_SHOW_VALUES };

struct args {
    struct wd_common common;
    struct wd_words files;
    const char *codec;
    bool shows_values;
};

static const struct argp_option options[] = {
    { "codec", OPT_CODEC, "CODEC", 0, "json or opaque (default: what the payload looks like)", 1 },
    { "show-values", OPT_SHOW_VALUES, NULL, 0, "print the values too; without it no output of wirediet holds one", 1 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->common; return 0;
    case OPT_CODEC: a->codec = arg; return 0;
    case OPT_SHOW_VALUES: a->shows_values = true; return 0;
    case ARGP_KEY_ARG: wd_words_add(&a->files, arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &wd_common_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
    options, parse, "FILE",
    "Prints the fields of one payload in the order of the wire: which bytes are whose."
    "\vFILE holds one message body; - is standard input. A malformed body exits with 3. Example:\n\n"
    "  wirediet decode message.json",
    children, NULL, NULL,
};

static void put_text_row(struct wd_buf *out, const struct wd_field *f, struct wd_bytes path, struct wd_bytes body, bool shows_values)
{
    wd_buf_printf(out, "%8" PRIu32 " %6" PRIu32 " %6" PRIu32 " %6" PRIu32 " %6" PRIu32 "  %-8s ",
                  f->key_len ? f->key_off : f->value_off, f->key_len, f->value_len, f->syntax_len, f->space_len,
                  f->flags & WD_FIELD_MALFORMED ? "-" : wd_type_names[f->type]);
    wd_put_terminal(out, path);
    if (shows_values && f->value_len) {
        wd_buf_puts(out, "  ");
        wd_put_terminal(out, wd_bytes_at(body.at + f->value_off, f->value_len));
    }
    wd_buf_byte(out, '\n');
}

static void put_json_row(struct wd_buf *out, const struct wd_field *f, struct wd_bytes path, struct wd_bytes body, bool shows_values)
{
    wd_buf_puts(out, "{\"path\": ");
    wd_put_json(out, path);
    wd_buf_printf(out, ", \"type\": \"%s\", \"key_offset\": %" PRIu32 ", \"key_bytes\": %" PRIu32 ", \"value_offset\": %" PRIu32
                  ", \"value_bytes\": %" PRIu32 ", \"syntax_bytes\": %" PRIu32 ", \"whitespace_bytes\": %" PRIu32,
                  wd_type_names[f->type], f->key_off, f->key_len, f->value_off, f->value_len, f->syntax_len, f->space_len);
    if (shows_values) {
        wd_buf_puts(out, ", \"value\": ");
        wd_put_json(out, wd_bytes_at(body.at + f->value_off, f->value_len));
    }
    wd_buf_byte(out, '}');
}

static void put_tape(struct wd_buf *out, const struct args *a, const struct wd_tape *tape, const struct wd_paths *paths,
                     struct wd_bytes body, const char *codec)
{
    bool is_json = a->common.format == WD_FORMAT_JSON;
    struct wd_buf path = { 0 };
    if (is_json)
        wd_buf_printf(out, "{\"codec\": \"%s\", \"bytes\": %zu, \"fields\": [\n", codec, body.len);
    else
        wd_buf_puts(out, "  offset    key  value syntax  space  type     path\n");
    for (uint32_t i = 0; i < tape->count; i++) {
        wd_buf_reset(&path);
        wd_paths_write(paths, tape->fields[i].path, &path);
        (is_json ? put_json_row : put_text_row)(out, &tape->fields[i], wd_buf_bytes(&path), body, a->shows_values);
        if (is_json)
            wd_buf_puts(out, i + 1 < tape->count ? ",\n" : "\n");
    }
    if (is_json)
        wd_buf_puts(out, "]}\n");
    else
        wd_buf_printf(out, "%zu bytes, %s\n", body.len, codec);
    wd_buf_free(&path);
}

static int choose(struct args *a, struct wd_bytes body, const struct wd_codec **out)
{
    struct wd_shown shown;
    *out = a->codec ? wd_codec_find(wd_bytes_of(a->codec)) : wd_codec_choose((struct wd_bytes){ 0 }, body);
    return *out ? WD_OK : wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 }, "no codec '%s'; --codec takes json or opaque",
                                  wd_show(&shown, wd_bytes_of(a->codec)));
}

static int decode(struct args *a, struct wd_bytes body)
{
    const struct wd_codec *codec;
    TRY(choose(a, body, &codec));
    struct wd_paths *paths = wd_paths_open(&a->common.config.limits, NULL);
    struct wd_tape tape = { 0 };
    struct wd_buf out = { 0 };
    codec->walk(body, paths, &a->common.config.limits, &tape);
    put_tape(&out, a, &tape, paths, body, codec->name);
    int rc = wd_common_write(&a->common, &out, &a->files, 0600);
    if (rc >= 0 && tape.fault)
        rc = wd_fail(&a->common.err, WD_EPARSE,
                     (struct wd_place){ .file = a->files.at[0], .offset = tape.fault_off, .has_offset = true },
                     "malformed: %s; the rest counts as (malformed)", tape.fault);
    wd_buf_free(&out);
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return rc;
}

static int work(struct args *a)
{
    struct wd_bytes body;
    TRY(wd_common_start(&a->common));
    if (a->files.count != 1)
        return wd_fail(&a->common.err, WD_EUSAGE, (struct wd_place){ 0 }, "decode takes one file; - is standard input");
    TRY(wd_file_read(a->files.at[0], a->common.config.limits.message, a->common.arena, &body, &a->common.err));
    return decode(a, body);
}

static int run(int argc, char **argv)
{
    struct args a = { .common.formats = 1u << WD_FORMAT_TEXT | 1u << WD_FORMAT_JSON };
    wd_parse(&argp, argc, argv, &a);
    int status = wd_common_end(&a.common, work(&a));
    wd_free(a.files.at);
    return status;
}

const struct wd_verb wd_verb_decode = { "decode", "one payload -> its fields with offsets and lengths", run };
