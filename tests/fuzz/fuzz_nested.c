/* Any bytes as a string in a message, as they are or as base64: what is found inside never counts more than the string. Any
 * bytes as a Protobuf message: the sums over its values agree. The profile that tells of it is read back. */
#include <stdlib.h>

#include "base/escape.h"
#include "fuzz.h"
#include "output/output.h"
#include "profile/file.h"
#include "profile/observe.h"

static void put_base64(struct wd_buf *out, struct wd_bytes in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < in.len; i += 3) {
        size_t left = in.len - i;
        uint32_t bits = (uint32_t)in.at[i] << 16 | (left > 1 ? in.at[i + 1] << 8 : 0) | (left > 2 ? in.at[i + 2] : 0);
        wd_buf_byte(out, (uint8_t)digits[bits >> 18]);
        wd_buf_byte(out, (uint8_t)digits[bits >> 12 & 63]);
        wd_buf_byte(out, left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=');
        wd_buf_byte(out, left > 2 ? (uint8_t)digits[bits & 63] : '=');
    }
}

static void put_message(struct wd_buf *out, struct wd_bytes in, bool is_base64)
{
    struct wd_buf inside = { 0 };
    if (is_base64)
        put_base64(&inside, in);
    else
        wd_buf_put(&inside, in);
    wd_buf_puts(out, "{\"m\":");
    wd_put_json(out, wd_buf_bytes(&inside));
    wd_buf_byte(out, '}');
    wd_buf_free(&inside);
}

static struct wd_profile *observe(struct wd_bytes body, const char *codec)
{
    const struct wd_config_codec codecs = { wd_bytes_of(""), wd_bytes_of(codec) };
    const struct wd_config config = { .limits = wd_limits_default(), .codecs = &codecs, .codec_count = 1 };
    struct wd_connection connection = { .id = 1 };
    struct wd_channel channel = { .connection = &connection, .transport = WD_TRANSPORT_WEBSOCKET, .path = wd_bytes_of("/m"),
                                  .openings = 1, .is_open = true };
    struct wd_message m = { .channel = &channel, .direction = WD_S2C, .body = body, .body_len = body.len, .wire_len = body.len };
    struct wd_observer *o = wd_observer_open(&config, NULL);
    struct wd_message_sink sink = wd_observer_sink(o);
    sink.opened(sink.ctx, &channel, 0);
    sink.message(sink.ctx, &m);
    sink.closed(sink.ctx, &channel, 0, true);
    struct wd_profile *p = wd_observer_finish(o);
    wd_observer_close(o);
    p->ledger.layer[WD_LAYER_PAYLOAD] = p->ledger.captured_bytes = p->wire_payload_bytes;
    return p;
}

static void check(const struct wd_profile *p)
{
    const struct wd_limits limits = wd_limits_default();
    struct wd_profile *again = NULL;
    struct wd_buf text = { 0 };
    struct wd_err err = { 0 };
    const struct wd_style style = { 0 };
    for (size_t t = 0; t < p->type_count; t++)
        for (size_t r = 0; r < p->types[t].row_count; r++) {
            const struct wd_row *row = &p->types[t].rows[r];
            const struct wd_nested *n = row->nested;
            if (n && (n->waste_bytes > n->bytes || n->bytes > row->value_bytes || n->values > row->shape_values ||
                      n->member_count > WD_NESTED_MEMBERS))
                abort();
        }
    wd_print_profile(&text, p, WD_FORMAT_JSON, &style);
    if (wd_profile_parse("p.json", wd_buf_bytes(&text), &limits, &again, &err) < 0)
        abort();
    wd_profile_free(again);
    wd_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_buf body = { 0 };
    if (!size)
        return 0;
    struct wd_bytes rest = wd_bytes_at(data + 1, size - 1);
    bool is_protobuf = data[0] & 2;
    if (!is_protobuf)
        put_message(&body, rest, data[0] & 1);
    struct wd_profile *p = observe(is_protobuf ? rest : wd_buf_bytes(&body), is_protobuf ? "protobuf" : "json");
    check(p);
    wd_profile_free(p);
    wd_buf_free(&body);
    return 0;
}
