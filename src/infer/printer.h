/* infer/printer.h - inferred messages as the text of a schema; one row of infer/table.c per format.
 *
 * Shape   whole, valid, and the same bytes for the same messages.
 * Owns    nodes and names are in the arena.
 * Errors  WD_EUSAGE: a message that is not there.
 */
#ifndef WD_INFER_PRINTER_H
#define WD_INFER_PRINTER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "document/make.h"
#include "infer/infer.h"

struct wd_infer_print {
    const struct wd_inferred *inferred;
    struct wd_arena *arena;
    bool is_json;          /* of formats that can be YAML too */
    bool is_bare;          /* nothing of what was measured */
};

struct wd_infer_format {
    const char *name;                  /* what --to takes */
    const char *const *extensions;     /* that mean it, NULL-terminated */
    const char *what;
    void (*print)(const struct wd_infer_print *print, struct wd_buf *out);
};
extern const struct wd_infer_format *const wd_infer_formats[];  /* NULL-terminated; the default first */
/* By its name, or by the extension of a file name; NULL. */
const struct wd_infer_format *wd_infer_format_named(struct wd_bytes name);
const struct wd_infer_format *wd_infer_format_for(struct wd_bytes file);

/* --- what the printers share --- */

/* The schema of a field and of all below it (infer/jsonschema.c). */
struct wd_node *wd_infer_schema(const struct wd_infer_print *print, const struct wd_inferred_message *message,
                                const struct wd_inferred_field *field);
/* Parts of an AsyncAPI document (infer/asyncapi.c): a channel as it is called, with its address, its
 * parameters and no messages yet; an operation that lists none yet; a message with its payload. */
struct wd_bytes wd_infer_channel_key(const struct wd_infer_print *print, const struct wd_type_profile *type);
struct wd_node *wd_infer_channel(const struct wd_infer_print *print, const struct wd_type_profile *type);
struct wd_bytes wd_infer_operation_key(const struct wd_infer_print *print, struct wd_bytes channel,
                                       bool is_received);
struct wd_node *wd_infer_operation(const struct wd_infer_print *print, struct wd_bytes channel,
                                   bool is_received);
struct wd_node *wd_infer_message(const struct wd_infer_print *print,
                                 const struct wd_inferred_message *message);
/* Parts of a .proto file (infer/proto.c). `room` is what the message around them has: its last number, its
 * names and types. *needs_struct is set when google/protobuf/struct.proto is needed. */
struct wd_infer_room {
    uint64_t last;
    size_t depth;
    const struct wd_bytes *names, *types;
    size_t name_count, type_count;
};
void wd_infer_proto_fields(const struct wd_infer_print *print, const struct wd_inferred_message *message,
                           struct wd_inferred_field **fields, size_t count, const struct wd_infer_room *room,
                           struct wd_buf *out, bool *needs_struct);
void wd_infer_proto_message(const struct wd_infer_print *print, const struct wd_inferred_message *message,
                            struct wd_bytes name, struct wd_buf *out, bool *needs_struct);
struct wd_bytes wd_infer_proto_name(const struct wd_infer_print *print,
                                    const struct wd_inferred_message *message);
struct wd_bytes wd_infer_envelope_name(const struct wd_infer_print *print,
                                       const struct wd_type_profile *type);
/* What was measured (infer/measured.c), as annotate writes it: a comment above the key in YAML, in JSON a
 * member x-wirediet. Of a message as a whole, and of a field; `key`, NULL for none, is what a changed name
 * stands for. */
void wd_infer_measure_message(const struct wd_infer_print *print, const struct wd_inferred_message *message,
                              struct wd_node *schema);
void wd_infer_measure_field(const struct wd_infer_print *print, const struct wd_inferred_message *message,
                            const struct wd_inferred_field *field, const struct wd_bytes *key,
                            struct wd_node *schema);
/* Protobuf that was read without its schema: numbers in the place of names, which only .proto can say. */
bool wd_infer_is_numbered(const struct wd_inferred_message *message);
/* What a field is beside null: one type, WD_TYPE_NUMBER for integers too where there are others, -1 for
 * several or none. */
int wd_infer_one_type(const struct wd_inferred_field *field);
/* A sentence about what all this rests on. */
void wd_infer_put_source(struct wd_buf *out, const struct wd_infer_print *print);
/* "8 messages, 120 B/msg, 3.1 %"; "8.5 B/msg, 0.7 %; never changes". */
void wd_infer_put_message_cost(struct wd_buf *out, const struct wd_infer_print *print,
                               const struct wd_type_profile *type);
void wd_infer_put_cost(struct wd_buf *out, const struct wd_infer_print *print,
                       const struct wd_inferred_message *message,
                       const struct wd_inferred_field *field);

#endif
