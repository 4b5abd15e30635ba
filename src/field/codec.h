/* field/codec.h - one payload encoding: message body in, tape of fields out.
 *
 * Shape   walk() reads the body once, left to right, and appends one entry per value to the tape, in wire
 *         order. The entries tile the body: their four shares add up to its length, malformed bodies
 *         included.
 * Units   bytes from the start of the body, after content decoding. Bodies are shorter than 4 GiB (limit
 *         `message`).
 * Owns    nothing but what the tape and the path tree keep; the tape is reset first.
 * Errors  none: what was read counts, the rest is one entry at WD_PATH_MALFORMED and tape->fault says why.
 * Source  each codec names its RFC at the top of its .c file.
 */
#ifndef WD_FIELD_CODEC_H
#define WD_FIELD_CODEC_H

#include "base/limits.h"
#include "field/path.h"
#include "model/field.h"
#include "model/layout.h"

struct wd_codec {
    const char *name;                  /* "json": what --codec takes */
    const char *const *media_types;    /* lower case, NULL-terminated */
    bool is_binary;                    /* never in a text message (WebSocket opcode 1, SSE) */
    /* How sure, 0 "not mine"; the highest wins, table order breaks ties. Asked of the first message of a
     * channel, and again when `keeps` says no. */
    int (*bid)(struct wd_bytes body);
    /* Whether the layout is one of mine. NULL: I need none. */
    bool (*reads)(const struct wd_layout *layout);
    /* A look at the first bytes: may a message of this channel still be mine? NULL: always. */
    bool (*keeps)(struct wd_bytes body);
    /* `layout`: what the schema says of this message, NULL: nothing. */
    void (*walk)(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape);
};

#define WD_CODECS(X) X(json) X(ndjson) X(msgpack) X(cbor) X(avro) X(protobuf) X(opaque) /* opaque last: it takes anything */
/* " json ndjson msgpack cbor avro protobuf opaque": what --codec takes. */
#define WD_CODEC_WORD(name) " " #name
#define WD_CODEC_NAMES WD_CODECS(WD_CODEC_WORD)
#define DECLARE(name) extern const struct wd_codec wd_codec_##name;
WD_CODECS(DECLARE)
#undef DECLARE
extern const struct wd_codec *const wd_codecs[];  /* NULL-terminated */

const struct wd_codec *wd_codec_find(struct wd_bytes name);  /* NULL: unknown */
/* The one that a media type names, with parameters or without; NULL: none, or the type says nothing of what is inside. */
const struct wd_codec *wd_codec_declared(struct wd_bytes media_type);
/* A declared media type decides unless it is generic; else the layout that the schema gives, NULL: none; else
 * the best bid, of binary codecs only where the message is not text. */
const struct wd_codec *wd_codec_choose(struct wd_bytes media_type, const struct wd_layout *layout,
                                       struct wd_bytes body, bool is_text);

void wd_tape_free(struct wd_tape *tape);
void wd_tape_grow(struct wd_tape *tape);
/* Before each walk. */
static inline void wd_tape_reset(struct wd_tape *tape)
{
    tape->count = 0;
    tape->fault = NULL;
    tape->fault_off = 0;
    tape->unknown = 0;
    tape->variant = WD_PATH_NONE;
    tape->schema_name = (struct wd_bytes){ 0 };
}
/* A value can be one byte, and its entry is fifty: a walk asks before each, and stops with this fault. */
#define WD_TAPE_FULL "more values than the limit 'values' allows"
static inline void wd_tape_bound(struct wd_tape *tape, const struct wd_limits *limits)
{
    tape->most = limits->values < UINT32_MAX ? (uint32_t)limits->values : UINT32_MAX;
}
static inline bool wd_tape_is_full(const struct wd_tape *tape)
{
    return tape->count >= tape->most;
}
/* Where a walk broke off at `off`: what no entry holds is the malformed rest, in one piece. */
void wd_tape_fail(struct wd_tape *tape, struct wd_bytes body, uint32_t off, const char *why);
/* The next free entry; the caller fills it. */
static inline struct wd_field *wd_tape_push(struct wd_tape *tape)
{
    if (tape->count == tape->cap)
        wd_tape_grow(tape);
    return &tape->fields[tape->count++];
}
/* Bytes that all entries hold together. */
uint64_t wd_tape_bytes(const struct wd_tape *tape);

#endif
