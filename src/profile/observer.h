/* profile/observer.h - the observer's state, shared by the files of profile/ that make it. Not for other
 * folders. */
#ifndef WD_PROFILE_OBSERVER_H
#define WD_PROFILE_OBSERVER_H

#include "base/map.h"
#include "field/codec.h"
#include "field/echo.h"
#include "field/text.h"
#include "profile/observe.h"

struct type;

/* What a series remembers of one row: what every message looks at, and what only a change does. */
struct slot {
    uint64_t hash;        /* of its last value; of the sequence of values where a message can hold several */
    uint32_t seen;        /* last message of the series that had the path, 0: none */
    uint32_t values;      /* messages that had a value here */
};

struct memory {
    double number;        /* the last value, NaN when it was not a number */
    int64_t since_ns;     /* when it took that value */
    uint32_t tried;       /* values that the validators saw */
    bool has_changed;
    uint32_t place_count, place_cap;
    uint64_t *places;     /* hashes of the values by position, for repeated rows */
    uint32_t entries, values;  /* of the row in the series' echo, while there is one */
    uint32_t dirty;       /* last message of the series in which one of several values was another */
};

struct series {
    struct type *type;
    uint64_t id;
    struct slot *slots;   /* by row */
    struct memory *memories;
    uint32_t slot_cap;
    uint32_t messages;
    uint32_t last_rows;   /* distinct rows in the last message */
    uint32_t kept_rows;   /* of those, in this message too */
    struct wd_echo echo;  /* repeat.c */
    bool has_echo;
    uint32_t counted;     /* message up to which rows are counted, while there is an echo */
    uint32_t echo_hits;   /* messages that repeated this one */
    uint32_t echo_wait, echo_penalty;  /* messages that will not be kept; how many after the next one that does not repeat */
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

enum { NO_ROW = UINT32_MAX };

struct entities {
    uint32_t row;         /* of the key, NO_ROW: none */
    struct entity *table;
    uint32_t size, count, hand;
    uint64_t *compared, *changed;  /* by row */
    uint32_t row_cap;
    uint64_t *spare;      /* the values of an entity that was forgotten, for the next one */
    uint32_t spare_cap;
};

enum { CANDIDATES = 8, EQUAL_PAIRS = 512 };

/* In type.row_of, beside the row. */
enum { ROW_REPEATED = 1u << 30, ROW_SPECIAL = 1u << 29, ROW_MASK = ROW_SPECIAL - 1 };

struct equal_pair { uint32_t row, other; bool is_dead; };

/* What one message holds of a repeated number of Protobuf, as far as it was read. */
struct list { uint32_t container, tag_len; uint64_t bytes; };  /* container: its entry on the tape; tag_len 0: none */

/* The values of a row in the message at hand. */
struct touch {
    uint64_t sequence;    /* hash over them, where there can be several */
    uint32_t values;
    uint32_t message;     /* of the type, modulo 2^32: the rest is about an older one when it differs */
};

struct type {
    struct wd_type_profile profile;      /* rows are heap memory here */
    uint32_t index;                      /* in the family's list */
    size_t row_cap;
    uint32_t *row_of;                    /* by path node: row + 1, and flags of enum above it; 0: none yet */
    uint32_t row_of_cap;
    uint32_t *node_of;                   /* by row */
    struct touch *touches;               /* by row */
    struct list *lists;                  /* by row */
    uint32_t *touched;                   /* rows of the message at hand */
    uint32_t touched_count, touch_cap;
    struct wd_paths *paths;              /* the family's, of this direction */
    uint32_t folds_seen;
    struct equal_pair pairs[EQUAL_PAIRS];
    uint32_t pair_count;
    struct entities entities;            /* the decided one */
    struct entities *candidates;         /* NULL once decided */
    uint32_t candidate_count;
    bool is_entity_decided;
    uint32_t rows_tried;                 /* rows among which candidates were looked for */
    uint64_t last_connection;
    bool has_changed;                    /* some value of the message at hand did */
    bool lacks_wire;                     /* of some messages it is not known what they took on the wire */
};

/* A message kept until its channel's discriminator is known. */
struct held {
    struct lane *lane;
    const struct wd_codec *codec;
    const struct wd_layout *layout;
    struct wd_bytes body;
    uint64_t wire_len, body_len;
    uint8_t odd_bits;
    bool is_shared, is_retold, is_too_long, is_text;
    struct wd_bit_marks marks;
    int64_t ts_ns;
    uint64_t packet;
};

/* How the schema says that the messages of a channel and direction may be laid out. */
struct layouts {
    const struct wd_layout **at;         /* in the run's arena */
    size_t count;
    const struct wd_layout *chosen;      /* NULL: none yet, or each message has its own */
    bool is_open;                        /* the schema puts none there: these are those that stand on no channel */
    bool is_asked;                       /* the messages have said what they fit */
    bool has_several;                    /* and it was more than one */
    bool is_doubtful;                    /* nothing is known of them but that they are binary */
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
    struct layouts layouts[WD_DIRECTION_COUNT];
    const struct wd_config_message *rule[WD_DIRECTION_COUNT];  /* of the configuration, NULL: none */
    uint32_t rule_node[WD_DIRECTION_COUNT];  /* of its field, WD_PATH_NONE: it has none */
    struct wd_map *stable;               /* envelope: the keys that are in every message */
    struct wd_map *types;                /* direction, NUL, name -> type + 1 */
    struct type **list;
    size_t count, cap;
    struct held *held;
    size_t held_count, held_cap;
    uint64_t held_bytes, held_marks;     /* of bodies, which decide; of their marks */
    struct wd_arena *held_bodies;
};

/* A channel on a connection, in one direction. */
struct lane {
    struct family *family;
    uint64_t connection;
    enum wd_direction direction;
    bool is_guessed;                     /* direction by port only */
    struct series **series;              /* by type of the family */
    bool *has_carried;                   /* by type of the family: its connection is counted */
    size_t series_cap;
    struct type *last_type;              /* of its last message */
    uint32_t name_off;                   /* where the name stood in one of its last messages */
    const struct wd_codec *told;         /* that user, transport or schema name; NULL: none */
    bool is_told_surely;                 /* not by the schema */
    const struct wd_codec *codec;        /* that its messages looked like; NULL: none was asked */
    const struct wd_layout *layout;      /* with which the codec was chosen */
    uint32_t holding;                    /* messages held */
    bool is_closed;
    struct lane *next, *previous;
};

/* What connections share: none takes more of it than it leaves to the others (quota.c). */
enum quota { QUOTA_CHANNELS, QUOTA_TYPES, QUOTA_PATHS, QUOTA_ROWS, QUOTA_COUNT };

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
    struct wd_paths *trial;              /* of bodies that are walked to see whether they fit; NULL at first */
    uint64_t *costs;                     /* by entry of the tape */
    uint32_t cost_cap;
    struct wd_echo_diff diff;
    uint64_t echo_bytes;                 /* of all echoes */
    struct wd_buf scratch;
    struct wd_buf name;                  /* of the message at hand, where it had to be decoded */
    uint32_t containers[WD_DEPTH_MAX + 1];  /* by depth: the entry of the last one on the tape */
    struct wd_tape inner_tape;           /* of a document inside a string */
    struct wd_buf inner, inner_name;     /* the document where it was base64, and the member at hand */
    struct series *newest, *oldest;
    uint64_t slots, series_ids;
    size_t type_count;
    struct wd_path_total paths;          /* nodes of all path trees */
    uint64_t rows, row_entries;          /* rows of all types, entries of all their row_of */
    uint64_t entity_values;              /* hashes that entities keep */
    uint64_t held_bytes;                 /* of all channels */
    struct wd_map *file_layouts;         /* schemas of Avro container files to their layouts */
    size_t file_layout_text;             /* bytes of these schemas */
    struct wd_map *left;                 /* client, server, channel -> closes not answered by an opening */
    uint64_t reconnects;
    uint64_t messages;                   /* handed in so far */
    uint64_t packet, connection;         /* of the message at hand */
    struct wd_map *quotas[QUOTA_COUNT];  /* connection -> how many it made; NULL: nobody any */
    struct wd_ledger *ledger;            /* where limits are noted; NULL: nowhere */
};

static inline void note_limit(const struct wd_observer *o, enum wd_limit limit)
{
    if (o->ledger)
        wd_ledger_limit(o->ledger, limit, o->packet);
}

/* channel.c: appends the name of a channel: a template of the schema or configuration that fits, else
 * identifiers become {}. */
void channel_put_name(const struct wd_observer *o, const struct wd_channel *channel, struct wd_buf *out);
/* True when the configuration or the schema names the channel of that path. */
bool channel_is_declared(const struct wd_observer *o, struct wd_bytes path);
bool channel_fits(struct wd_bytes channel, struct wd_bytes pattern);
/* Appends text that the wire gave, made UTF-8: what is not becomes U+FFFD. */
void channel_put_text(struct wd_buf *out, struct wd_bytes text);

/* layout.c: looks up what the schema says of how the messages of a channel and direction are laid out. */
void layout_begin(const struct wd_observer *o, struct family *family, enum wd_direction direction);
/* As what the message is read; NULL: as its codec sees it. */
const struct wd_layout *layout_of(struct wd_observer *o, const struct held *m);
/* layout_own.c: what the message says itself of how it is laid out; NULL: nothing. */
const struct wd_layout *layout_said(struct wd_observer *o, struct wd_bytes body);
/* True while that is for the messages to say which are held. */
bool layout_waits(const struct held *m);
/* They have their say, before they are walked. */
void layout_decide(struct wd_observer *o, struct family *family);
/* A line for each channel and direction of which it could not be told. */
void layout_report(const struct wd_observer *o, struct wd_buf *out);
/* True when the schema puts the message on that channel. */
bool layout_is_carried(const struct wd_schema_message *m, const struct family *family,
                       enum wd_direction direction);

/* The channel of a rule: as profiles write it, or a pattern; "": any. */
bool channel_is_meant(const struct family *family, struct wd_bytes channel);

/* reading.c: what is said of the codec of a lane; the one for a message with that layout, as if it were the first
 * of its lane; the one for the next message; the one for a message that the first could not read, NULL: none has a
 * better claim. */
void reading_begin(const struct wd_observer *o, struct lane *lane, struct wd_bytes media_type);
const struct wd_codec *reading_as(const struct held *m, const struct wd_layout *layout);
const struct wd_codec *reading_of(const struct held *m);
const struct wd_codec *reading_other(const struct held *m);
void reading_report(const struct wd_observer *o, struct wd_buf *out);   /* what --codec says of channels that nobody used */

/* naming.c */
void naming_decide(struct wd_observer *o, struct family *family);
/* The name of the message on the tape; `by` says where it came from. A view into the body, the family or
 * `name`. */
struct wd_bytes naming_of(struct wd_observer *o, struct lane *lane, struct wd_bytes event,
                          struct wd_bytes body, enum wd_named_by *by);
/* True when the configuration or the transport names it, so that it need not wait for a discriminator. */
bool naming_is_known(const struct held *m, struct wd_bytes event);
/* The path whose value names messages; WD_PATH_NONE: what they are called does not depend on a value. False:
 * on more than that. */
bool naming_path(const struct lane *lane, uint32_t *path);
/* What the message is probably called, told without walking it; NULL: it cannot be told. */
struct type *naming_guess(const struct lane *lane, struct wd_bytes event, struct wd_bytes body);
/* Finds the configuration's rule for a channel and direction. */
void naming_begin(const struct wd_observer *o, struct family *family, enum wd_direction direction);

/* compare.c: adds the message on the tape to its type and series. */
void compare_message(struct wd_observer *o, struct type *type, struct series *series, struct wd_bytes body,
                     int64_t ts_ns);
/* The entry of a path's row in row_of, made when new; that of (other) when the limits leave no row for it. */
uint32_t row_entry(struct wd_observer *o, struct type *type, uint32_t node);
void rows_refold(struct wd_observer *o, struct type *type);
/* A row's value is not what it was; `was_constant`: so far it always was. Then, of a row with one value, the
 * value itself. */
void change_value(struct type *type, struct series *series, uint32_t r, uint64_t hash, int64_t ts_ns,
                  bool was_constant);
void change_single(struct wd_observer *o, struct wd_row *row, struct memory *memory, const struct wd_field *f,
                   struct wd_bytes text, int64_t ts_ns);
/* Positions count as remembered values, or one long array would be remembered at any price: false when there
 * is no room. */
bool place_room(struct wd_observer *o, struct series *series, struct memory *memory, uint32_t place);

/* repeat.c: messages that repeat most of the one before. matches() then take(), instead of walking and
 * comparing it. */
bool echo_matches(struct wd_observer *o, struct series *series, const struct held *m);
void echo_take(struct wd_observer *o, struct series *series, const struct held *m);
/* Keeps the message on the tape, when the next one may repeat it. */
void echo_keep(struct wd_observer *o, struct lane *lane, struct series *series, const struct held *m);
/* Counts what is not counted yet; to be called before anything else looks at the rows or adds to the
 * series. */
void echo_drop(struct series *series);
void echo_drop_type(struct wd_observer *o, const struct type *type);
void echo_free(struct wd_observer *o, struct series *series);

/* wire.c: what the message on the tape took on the wire, where that is not eight bits for each byte; and one
 * that was taken. */
void wire_message(struct wd_observer *o, struct type *type, const struct held *m);
void wire_repeat(struct wd_observer *o, const struct series *series, const struct held *m);
void wire_finish(struct type *type);

/* entity.c */
void entity_begin(struct wd_observer *o, struct type *type);   /* looks for candidates among the rows that are there */
void entity_message(struct wd_observer *o, struct type *type, struct series *series);
void entity_decide(struct wd_observer *o, struct type *type);
void entity_fold(struct type *type, uint32_t from, uint32_t into);
void entity_close(struct wd_observer *o, struct type *type);

/* equal.c */
void equal_message(struct type *type, const struct series *series, bool has_new_rows);
void equal_forget(struct type *type, uint32_t row);
void equal_finish(struct type *type, struct wd_arena *arena);

static inline void row_take_bytes(struct wd_row *row, const struct wd_field *f)
{
    row->occurrences++;
    row->key_bytes += f->key_len;
    row->value_bytes += f->value_len;
    row->syntax_bytes += f->syntax_len;
    row->space_bytes += f->space_len;
    row->types[f->type]++;
}

static inline uint64_t field_bytes(const struct wd_field *f)
{
    return (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len;
}

/* One more value of a row that holds several in a message. */
static inline uint64_t sequence_mix(uint64_t sequence, uint64_t hash)
{
    return (sequence ^ hash) * 0x9fb21c651e98df25u + (sequence >> 29);
}

/* quota.c: how many more the connection at hand may make where `made` are there; and what it made. */
uint64_t quota_room(const struct wd_observer *o, enum quota kind, uint64_t made, uint64_t limit);
void quota_take(struct wd_observer *o, enum quota kind, uint64_t count);

/* value.c: the hash of a scalar's meaning, `text` being what field/text.h says it is; its number (NaN: none).
 * value_take counts a value that is new at its place. */
struct wd_bytes value_unescape(struct wd_bytes inside, struct wd_buf *scratch);
uint64_t value_hash_other(const struct wd_field *f, struct wd_bytes text, uint64_t seed);

/* wd_field_text of what the hash needs: it is not spent on binary numbers, whose text is dear. */
static inline struct wd_bytes value_text(const struct wd_field *f, struct wd_bytes body,
                                         struct wd_buf *scratch)
{
    if (f->flags & WD_FIELD_BINARY)
        return f->type == WD_TYPE_STRING || f->type == WD_TYPE_BYTES ? wd_field_text(f, body, scratch)
                                                                     : (struct wd_bytes){ 0 };
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
void value_take(struct wd_observer *o, struct wd_row *row, struct memory *memory, const struct wd_field *f,
                struct wd_bytes text, int64_t ts_ns);

/* nested.c: looks for a document in a string that has these shapes. */
void nested_look(struct wd_observer *o, struct wd_row *row, const struct wd_field *f, struct wd_bytes text,
                 uint64_t shapes);

/* True when the message at hand has a value at the row. */
static inline bool has_value(const struct type *type, uint32_t row)
{
    return type->touches[row].message == (uint32_t)type->profile.count;
}

/* encodings.c: what the values of the Protobuf message on the tape would take in other wire types; after
 * compare_message. */
void encodings_message(struct wd_observer *o, struct type *type, struct wd_bytes body);

/* series.c */
struct series *series_of(struct wd_observer *o, struct lane *lane, struct type *type);
void series_room(struct wd_observer *o, struct series *series, uint32_t rows);
/* Asks for `count` more remembered values; false: there is no room, whatever else is forgotten. */
bool series_take(struct wd_observer *o, struct series *series, uint32_t count);
void series_free(struct wd_observer *o, struct series *series);

/* row.c: adds the counts of one row to another (folding, merging). */
void row_add(struct wd_row *into, const struct wd_row *from);

#endif
