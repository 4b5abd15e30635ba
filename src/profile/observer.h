/* profile/observer.h - the observer's state, shared by the files of profile/ that make it. Not for other folders. */
#ifndef WD_PROFILE_OBSERVER_H
#define WD_PROFILE_OBSERVER_H

#include "base/map.h"
#include "field/codec.h"
#include "profile/observe.h"

struct type;

/* What a series remembers of one row. */
struct slot {
    uint64_t hash;        /* of its last value; of the sequence of values where a message can hold several */
    double number;        /* the last value, NaN when it was not a number */
    int64_t since_ns;     /* when it took that value */
    uint32_t seen;        /* last message of the series that had the path, 0: none */
    uint32_t valued;      /* last message of the series that had a value here */
    uint32_t values;      /* messages that had a value here */
    uint32_t tried;       /* values that the validators saw */
    bool has_changed;
    uint64_t *places;     /* hashes of the values by position, for repeated rows */
    uint32_t place_count, place_cap;
};

struct series {
    struct type *type;
    uint64_t id;
    struct slot *slots;   /* by row */
    uint32_t slot_cap;
    uint32_t messages;
    uint32_t last_rows;   /* distinct rows in the last message */
    uint32_t kept_rows;   /* of those, in this message too */
    struct series *newer, *older;  /* by last use */
    struct series **home; /* the lane's pointer to it */
};

/* The last values of one entity on one series. */
struct entity {
    uint64_t key;         /* hash of the entity's name and of the series; 0 free */
    uint64_t *hashes;     /* by row; 0: not seen */
    uint32_t cap;
    bool is_used;         /* second chance, when the table is full */
};

struct entities {
    uint32_t node;        /* path of the key, WD_PATH_NONE: none */
    struct entity *table;
    uint32_t size, count, hand;
    uint64_t *compared, *changed;  /* by row */
    uint32_t row_cap;
    uint64_t key_hash;    /* of the message at hand */
    bool has_key;
};

enum { CANDIDATES = 8, EQUAL_PAIRS = 256 };

/* In type.row_of, beside the row. */
enum { ROW_REPEATED = 1u << 30, ROW_SPECIAL = 1u << 29, ROW_MASK = ROW_SPECIAL - 1 };

struct equal_pair { uint32_t a, b; bool is_dead; };

/* The values of a repeated row in one message, until the message ends. */
struct touch {
    uint64_t sequence;    /* hash over the values */
    uint32_t values;
};

struct type {
    struct wd_type_profile profile;      /* rows are heap memory here */
    size_t row_cap;
    uint32_t *row_of;                    /* by path node: row + 1, and flags of enum above it; 0: none yet */
    uint32_t row_of_cap;
    uint32_t *node_of;                   /* by row */
    struct touch *touches;               /* by row */
    uint32_t *touched;                   /* rows of the message at hand */
    uint32_t touched_count, touch_cap;
    struct wd_paths *paths;              /* the family's, of this direction */
    uint32_t folds_seen;
    struct equal_pair pairs[EQUAL_PAIRS];
    uint32_t pair_count;
    struct entities entities;            /* the decided one */
    bool has_entities;                   /* there is a key to look for */
    struct entities *candidates;         /* NULL once decided */
    uint32_t candidate_count;
    bool is_entity_decided;
    uint32_t rows_tried;                 /* rows among which candidates were looked for */
    uint64_t last_connection;
    bool has_changed;                    /* some value of the message at hand did */
};

/* A message kept until its channel's discriminator is known. */
struct held {
    struct lane *lane;
    enum wd_direction direction;
    struct wd_bytes body;
    uint64_t wire_len, body_len;
    bool is_too_long;
    int64_t ts_ns;
};

/* A channel as the profile knows it: all connections, both directions. */
struct family {
    struct wd_bytes name;
    enum wd_transport transport;
    struct wd_paths *paths[WD_DIRECTION_COUNT];
    bool is_decided;
    struct wd_bytes key;                 /* top-level discriminator, "[]" for element 0; "" none */
    bool is_envelope;                    /* named by the one top-level key that varies */
    uint32_t node[WD_DIRECTION_COUNT];   /* of the discriminator, WD_PATH_NONE until seen */
    struct wd_map *stable;               /* envelope: the keys that are in every message */
    struct wd_map *types;                /* direction, NUL, name -> type + 1 */
    struct type **list;
    size_t count, cap;
    struct held *held;
    size_t held_count, held_cap;
    uint64_t held_bytes;
    struct wd_arena *held_bodies;
};

/* A channel on a connection, in one direction. */
struct lane {
    struct family *family;
    uint64_t connection;
    enum wd_direction direction;
    bool is_guessed;                     /* direction by port only */
    struct series **series;              /* by type of the family */
    size_t series_cap;
    struct type *last;                   /* type of the last message */
    const struct wd_codec *codec;
    struct wd_bytes media_type;
    uint32_t holding;                    /* messages held */
    bool is_closed;
    struct lane *next, *previous;
};

struct wd_observer {
    const struct wd_config *config;
    const struct wd_schema *schema;
    struct wd_limits limits;
    uint64_t seed;
    struct wd_arena *run;
    struct wd_map *family_by_name;
    struct family **families;
    size_t family_count, family_cap;
    struct lane *lanes;
    struct wd_tape tape;
    struct wd_buf scratch;
    struct series *newest, *oldest;
    uint64_t slots, series_ids;
    size_t type_count;
    uint64_t paths;                      /* nodes of all path trees */
    struct wd_map *left;                 /* client, server, channel -> closes not answered by an opening */
    uint64_t reconnects;
};

/* channel.c: the name of a channel: a template of the schema or configuration that fits, else identifiers become {}. */
struct wd_bytes channel_name(const struct wd_observer *o, const struct wd_channel *channel, struct wd_arena *arena);
bool channel_fits(struct wd_bytes channel, struct wd_bytes pattern);

/* naming.c */
void naming_decide(struct wd_observer *o, struct family *family);
/* The name of the message on the tape; `by` says where it came from. Views into the body, the family or `scratch`. */
struct wd_bytes naming_of(struct wd_observer *o, struct lane *lane, struct wd_bytes event, struct wd_bytes body,
                          enum wd_named_by *by);
/* True when the configuration or the transport names it, so that it need not wait for a discriminator. */
bool naming_is_known(const struct wd_observer *o, const struct family *family, enum wd_direction direction,
                     struct wd_bytes event);

/* compare.c: adds the message on the tape to its type and series. */
void compare_message(struct wd_observer *o, struct type *type, struct series *series, struct wd_bytes body, int64_t ts_ns);
void rows_refold(struct wd_observer *o, struct type *type);

/* entity.c */
void entity_begin(struct wd_observer *o, struct type *type);   /* looks for candidates among the rows that are there */
void entity_value(struct type *type, uint32_t node, uint64_t hash);
void entity_message(struct wd_observer *o, struct type *type, struct series *series);
void entity_decide(struct wd_observer *o, struct type *type);
void entity_close(struct type *type);

/* equal.c */
void equal_message(struct type *type, const struct series *series, bool has_new_rows);
void equal_finish(struct type *type, struct wd_arena *arena);

/* value.c: the text of a scalar (of a string decoded and without quotes: a view of the body or of `scratch`); the hash of its meaning; its number (NaN: none). value_take counts a value that is new at its place. */
struct wd_bytes value_unescape(struct wd_bytes inside, struct wd_buf *scratch);
uint64_t value_hash_other(const struct wd_field *f, struct wd_bytes text, uint64_t seed);

static inline struct wd_bytes value_text(const struct wd_field *f, struct wd_bytes body, struct wd_buf *scratch)
{
    struct wd_bytes text = wd_bytes_at(body.at + f->value_off, f->value_len);
    if (f->type != WD_TYPE_STRING || f->flags & WD_FIELD_OPAQUE)
        return text;
    text.at++;
    text.len -= 2;
    return f->flags & WD_FIELD_ESCAPED ? value_unescape(text, scratch) : text;
}

static inline uint64_t value_hash(const struct wd_field *f, struct wd_bytes text, uint64_t seed)
{
    if (f->flags & WD_FIELD_DECIMAL)
        return wd_hash_decimal_value(f->mantissa, f->exponent, f->flags & WD_FIELD_NEGATIVE, seed);
    return f->type == WD_TYPE_STRING ? wd_hash_string_value(text, seed) : value_hash_other(f, text, seed);
}

double value_number(const struct wd_field *f, struct wd_bytes text);
void value_take(struct wd_row *row, struct slot *slot, const struct wd_field *f, struct wd_bytes text, int64_t ts_ns);

/* series.c */
struct series *series_of(struct wd_observer *o, struct lane *lane, struct type *type);
void series_room(struct wd_observer *o, struct series *series, uint32_t rows);
void series_free(struct wd_observer *o, struct series *series);

/* row.c: adds the counts of one row to another (folding, merging). */
void row_add(struct wd_row *into, const struct wd_row *from);

#endif
