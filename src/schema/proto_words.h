/* schema/proto_words.h - what a .proto file says of a field or a message beside its type: custom options and
 * comments.
 *
 * Shape   options of the shipped wirediet/options.proto, or of any other extension that is called like them
 *         (acme.wirediet.purpose), or by one of the common words for personal data (acme.pii);
 *         `debug_redact`; and lines of a comment that begin with `purpose:`, `owner:` or `changes:`. An
 *         option wins over a comment.
 * Owns    the table on the heap until wd_proto_options_close; words are in the arena.
 * Errors  none: an option of another type than is expected says nothing.
 * Source  descriptor.proto: FieldOptions, MessageOptions, SourceCodeInfo; Protocol Buffers encoding.
 */
#ifndef WD_SCHEMA_PROTO_WORDS_H
#define WD_SCHEMA_PROTO_WORDS_H

#include "schema/proto_index.h"

struct wd_proto_option;
struct wd_proto_options {
    const struct wd_proto_index *index;
    struct wd_proto_option *at;
    size_t count, cap;
};

/* The options that the schema declares and that mean something here. */
struct wd_proto_options wd_proto_options_open(const struct wd_proto_index *index);
void wd_proto_options_close(struct wd_proto_options *options);

struct wd_proto_words {
    struct wd_bytes description, purpose, owner, changes;
    struct wd_bytes category;      /* of personal data; "" not said */
    int privacy;                   /* 1 personal, -1 declared not personal, 0 silent */
    bool states_wirediet;          /* purpose, owner or changes */
};

struct wd_proto_words wd_proto_words_of_field(const struct wd_proto_options *options,
                                              const struct wd_proto_member *member, struct wd_arena *arena);
struct wd_proto_words wd_proto_words_of_message(const struct wd_proto_options *options,
                                                const struct wd_proto_type *type, struct wd_arena *arena);

#endif
