/* model/profile.h - what was measured: counts and sums for each (message, path). No captured value.
 *
 * Shape   plain data, as in the file format profile/1. Messages sorted bytewise by channel, direction, name;
 *         fields by path. Made by profile/observe, read and written by profile/file, merged by profile/merge.
 * Units   bytes unless the name says otherwise; times in nanoseconds since 1970, UTC.
 * Owns    everything is in the profile's arena.
 */
#ifndef WD_MODEL_PROFILE_H
#define WD_MODEL_PROFILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/shape.h"
#include "base/sketch.h"
#include "model/encodings.h"
#include "model/field.h"
#include "model/ledger.h"
#include "model/message.h"
#include "model/nested.h"
#include "model/sample.h"
#include "model/tls.h"

/* Which of the four things named a message type. */
#define WD_NAMED_BY(X) \
    X(CONFIG, "config") X(SCHEMA, "schema") X(TRANSPORT, "transport") X(DISCRIMINATOR, "discriminator") \
    X(DEFAULT, "default")
enum wd_named_by {
#define ROW(id, name) WD_NAMED_BY_##id,
    WD_NAMED_BY(ROW)
#undef ROW
    WD_NAMED_BY_COUNT
};
extern const char *const wd_named_by_names[WD_NAMED_BY_COUNT];

/* How long values last, in log2 buckets of milliseconds: bucket i counts holds of [2^i, 2^(i+1)) ms. */
#define WD_HOLD_BUCKETS 40
#define WD_HOLD_MOST (UINT64_C(1) << 53)

/* What stands for several codecs where one name is asked for. */
#define WD_CODEC_MIXED "mixed"

struct wd_row {
    /* What every occurrence raises stands together: two cache lines. */
    uint64_t present, occurrences;
    uint64_t key_bytes, value_bytes, syntax_bytes, space_bytes;
    uint64_t compared, repeated_bytes;
    uint64_t types[WD_TYPE_COUNT];   /* occurrences by type */
    struct wd_bytes path;            /* "cpu.load", "items[].price", "rates{}.bid", "." */
    uint64_t wire_bits;              /* what those bytes took on the wire, compressed or not; see has_wire_bits */
    uint64_t empty;                  /* occurrences that are null, "", {} or [] */
    uint64_t changed, toggled, changed_beyond;
    uint64_t entity_compared, entity_changed;
    uint64_t series, constant_series;  /* series in which it was seen, and in which it was seen twice or more and never changed */
    uint64_t distinct;               /* estimated above WD_SPARSE */
    uint64_t distinct_max;           /* after a merge without sketches: distinct is a lower bound; 0 when not */
    struct wd_sketch *sketch;        /* NULL when not kept */
    struct wd_sample *sample;        /* only when asked for, and of captures; never in a file */
    uint64_t shapes[WD_SHAPE_COUNT]; /* values tried that satisfied the validator */
    uint64_t shape_values;           /* values tried: new or changed at their place, of lively ones a sample */
    uint64_t value_len_max;          /* longest value in bytes: used to judge encodings, 0 for personal shapes */
    uint64_t digits;                 /* sum over changed numbers of digits after the decimal point */
    uint64_t hold[WD_HOLD_BUCKETS];
    uint64_t hold_ms;                /* the holds together, WD_HOLD_MOST at most */
    const struct wd_bytes *equals;   /* paths that were there with the same value in every message that has this one,
                                        constants too; sorted */
    size_t equals_count;
    struct wd_encodings encodings;   /* of Protobuf messages: what the values would take in other wire types */
    struct wd_nested *nested;        /* of values tried, those that held a document; NULL: none did */
    bool is_folded, is_estimated;    /* dynamic keys folded in; a figure that is not exact */
    bool is_discriminator, is_entity_key;
};

static inline uint64_t wd_row_bytes(const struct wd_row *r)
{
    return r->key_bytes + r->value_bytes + r->syntax_bytes + r->space_bytes;
}

static inline void wd_row_add_holds(struct wd_row *r, uint64_t ms)
{
    r->hold_ms = ms > WD_HOLD_MOST - r->hold_ms ? WD_HOLD_MOST : r->hold_ms + ms;
}

/* Gives back what the row keeps on the heap. */
void wd_row_close(struct wd_row *row);

/* The mean time that a value lasted, of those whose end was seen, 1 at least; 0: of none. */
uint64_t wd_row_mean_hold_ms(const struct wd_row *r);

struct wd_type_profile {             /* one message type */
    struct wd_bytes name, channel;
    enum wd_direction direction;
    bool is_direction_guessed;
    enum wd_named_by named_by;
    struct wd_bytes discovered;      /* the name traffic alone gave, when a schema renamed it; else "" */
    enum wd_transport transport;
    const char *codec;               /* "json", "opaque"; "mixed" when both */
    uint64_t count, malformed, payload_bytes, wire_payload_bytes;
    uint64_t wire_bits;              /* of all messages: the rows' add up to it */
    bool has_wire_bits;              /* false: a part of the profile does not say */
    bool is_wire_estimated;          /* of some messages the bits were shared evenly by their bytes */
    uint64_t compared_messages;      /* messages that had a predecessor in their series */
    uint64_t repeated_messages;      /* of those, equal to it in every value */
    struct wd_bytes entity;          /* path of the entity key; "" none */
    struct wd_bytes discriminator;   /* path of the discriminator; "" none */
    uint64_t connections;            /* connections that carried it */
    int64_t first_ns, last_ns;
    uint64_t other_fields;           /* paths beyond the limit, in the "(other)" row */
    struct wd_row *rows;
    size_t row_count;
};

/* What an input is. All but captures tell messages alone, and not what carried them. */
#define WD_INPUT_KINDS(X) X(CAPTURE, "capture") X(HAR, "har") X(NDJSON, "ndjson")
enum wd_input_kind {
#define ROW(id, name) WD_INPUT_##id,
    WD_INPUT_KINDS(ROW)
#undef ROW
    WD_INPUT_KIND_COUNT
};
extern const char *const wd_input_kind_names[WD_INPUT_KIND_COUNT];

struct wd_input {
    struct wd_bytes name;            /* as the user gave it, without directories */
    uint64_t bytes, packets;         /* bytes: of the file, compressed where it is; of an interface, of its packets as captured */
    int64_t first_ns, last_ns;
    uint64_t dropped;                /* packets that an interface or the kernel lost before anybody saw them */
    enum wd_input_kind kind;
    uint64_t messages;               /* told by it; 0 for captures */
    uint64_t left_out;               /* by --from, --to and --filter: packets of a capture, else messages and exchanges */
    uint32_t lacks;                  /* bits 1 << enum wd_layer: what the input does not contain, or not all of it */
};

/* A captured value: only there when it was asked for, and never read back from a file. */
struct wd_server_name { struct wd_bytes name; uint64_t connections; };

struct wd_profile {
    struct wd_arena *arena;
    struct wd_input *inputs;
    size_t input_count;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_tls_counts tls;
    struct wd_server_name *server_names;   /* that clients asked for as TLS began (SNI), in order of the first */
    size_t server_name_count;
    uint64_t connections;            /* TCP connections that carried data */
    uint64_t reconnects;             /* streams (WebSocket, SSE) opened again, to the same server and path from the same client
                                        address after a close; of TLS that nothing opened, connections */
    uint64_t messages, malformed, payload_bytes, wire_payload_bytes;
    bool is_incomplete;              /* interrupted */
    struct wd_type_profile *types;
    size_t type_count;
};

/* Adds connections to a server of that name, which is copied. */
void wd_profile_name_server(struct wd_profile *profile, struct wd_bytes name, uint64_t connections);
/* The invariants: layers sum to captured_bytes, rows to payload_bytes per type, types to totals. One line per
 * sum that does not agree is appended to `out`; true when everything balances. */
bool wd_profile_balances(const struct wd_profile *profile, struct wd_buf *out);

/* Sorts types and rows, sums the totals: call after filling a profile by hand. */
void wd_profile_settle(struct wd_profile *profile);
/* The row of a path, of a type that was settled; NULL. */
const struct wd_row *wd_type_row(const struct wd_type_profile *type, struct wd_bytes path);
void wd_profile_free(struct wd_profile *profile);   /* NULL is fine; closes sketches, samples and the arena */

#endif
