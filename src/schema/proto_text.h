/* schema/proto_text.h - the words of a .proto text, for who changes it and for what is needed before protoc.
 *
 * Shape   a token is a word (letters, digits, '_' and '.'), a string in quotes, or one other character. What
 *         is between tokens is blank or a comment. An open string ends at its line, an open comment with the
 *         text: protoc has said so before, or will.
 * Units   offsets in bytes.
 * Owns    tokens in the arena.
 * Errors  none.
 * Source  Protocol Buffers language specification, "Lexical elements".
 */
#ifndef WD_SCHEMA_PROTO_TEXT_H
#define WD_SCHEMA_PROTO_TEXT_H

#include "base/arena.h"

/* Past blanks and comments: where the next token begins, or the end of the text. */
size_t wd_proto_past_space(struct wd_bytes text, size_t off);
/* The token at `off`; empty at the end of the text. */
struct wd_bytes wd_proto_token(struct wd_bytes text, size_t off);

/* All tokens of a text, to look around in. */
struct wd_proto_tokens {
    struct wd_bytes text;
    struct wd_proto_token { size_t start, end; } *at;
    size_t count;
};
struct wd_proto_tokens wd_proto_tokens_of(struct wd_bytes text, struct wd_arena *arena);
/* The first that begins at or behind `off`, as a place in the list. */
size_t wd_proto_tokens_find(const struct wd_proto_tokens *tokens, size_t off);
bool wd_proto_tokens_is(const struct wd_proto_tokens *tokens, size_t i, const char *word);
/* Of the bracket at `i`, the one that closes it; the number of tokens when none does. */
size_t wd_proto_tokens_close(const struct wd_proto_tokens *tokens, size_t i);

/* The comments between two tokens, as protoc hands them out: what follows the first on its line, or stands
 * below it before a blank line, is its own; what stands directly above the second is that one's; others are
 * nobody's. Empty where there is none. */
struct wd_proto_range { size_t start, end; };
struct wd_proto_gap { struct wd_proto_range behind, above; };
struct wd_proto_gap wd_proto_gap_of(const struct wd_proto_tokens *tokens, size_t second);

/* The next `import` at or behind *off: what it names, without quotes. False when there is none. */
bool wd_proto_next_import(struct wd_bytes text, size_t *off, struct wd_bytes *out);

#endif
