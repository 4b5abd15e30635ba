/* schema/proto_text.h - the words of a .proto text, for who changes it and for what is needed before protoc.
 *
 * Shape   a token is a word (letters, digits, '_' and '.'), a string in quotes, or one other character. What
 *         is between tokens is blank or a comment. An open string ends at its line, an open comment with the
 *         text: protoc has said so before, or will.
 * Units   bytes.  Owns nothing.  Source  Protocol Buffers language specification, "Lexical elements".
 */
#ifndef WD_SCHEMA_PROTO_TEXT_H
#define WD_SCHEMA_PROTO_TEXT_H

#include "base/bytes.h"

/* Past the comment that begins at `off` (its line break is not a part of it); `off` where none does. */
size_t wd_proto_past_comment(struct wd_bytes text, size_t off);
/* Past blanks and comments: where the next token begins, or the end of the text. */
size_t wd_proto_past_space(struct wd_bytes text, size_t off);
/* The token at `off`; empty at the end of the text. */
struct wd_bytes wd_proto_token(struct wd_bytes text, size_t off);

/* The next `import` at or behind *off: what it names, without quotes. False when there is none. */
bool wd_proto_next_import(struct wd_bytes text, size_t *off, struct wd_bytes *out);

#endif
