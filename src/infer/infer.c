#include "infer/infer.h"

#include <stdlib.h>

#include "infer/names.h"
#include "infer/tree.h"

/* What tells a type from others of its name. */
struct namesakes { bool on_channels, in_directions; };

static struct namesakes namesakes_of(const struct wd_profile *profile, const struct wd_type_profile *type)
{
    struct namesakes found = { 0 };
    for (size_t t = 0; t < profile->type_count; t++) {
        const struct wd_type_profile *other = &profile->types[t];
        if (other == type || !wd_bytes_eq(other->name, type->name))
            continue;
        bool is_here = wd_bytes_eq(other->channel, type->channel);
        found.on_channels |= !is_here;
        found.in_directions |= is_here && other->direction != type->direction;
    }
    return found;
}

/* "quote"; "eventsGzip.quote" where other channels have one, too; "quote.received" where the server sends
 * one. */
static struct wd_bytes key_of(struct wd_name_scope *keys, const struct wd_profile *profile,
                              const struct wd_type_profile *type, struct wd_arena *arena)
{
    struct namesakes others = namesakes_of(profile, type);
    struct wd_buf name = { 0 };
    if (others.on_channels) {
        wd_buf_put(&name, wd_name_make(WD_NAME_WORD, type->channel, "root", arena));
        wd_buf_byte(&name, '.');
    }
    wd_buf_put(&name, type->name);
    if (others.in_directions && type->direction == WD_C2S)
        wd_buf_puts(&name, ".received");
    struct wd_bytes key = wd_name_make(WD_NAME_KEY, wd_buf_bytes(&name), "message", arena);
    wd_buf_free(&name);
    return wd_name_take(keys, key);
}

static int by_bytes(const void *a, const void *b)
{
    const struct wd_type_profile *x = *(const struct wd_type_profile *const *)a,
                                 *y = *(const struct wd_type_profile *const *)b;
    if (x->payload_bytes != y->payload_bytes)
        return x->payload_bytes > y->payload_bytes ? -1 : 1;
    int c = wd_bytes_cmp(x->channel, y->channel);
    if (!c)
        c = (int)x->direction - (int)y->direction;
    return c ? c : wd_bytes_cmp(x->name, y->name);
}

static const struct wd_type_profile **sorted(const struct wd_profile *profile, struct wd_arena *arena)
{
    const struct wd_type_profile **types =
        wd_arena_array(arena, const struct wd_type_profile *, profile->type_count);
    for (size_t t = 0; t < profile->type_count; t++)
        types[t] = &profile->types[t];
    if (profile->type_count)
        qsort(types, profile->type_count, sizeof *types, by_bytes);
    return types;
}

/* What is only bytes has no structure to describe. */
static bool is_opaque(const struct wd_inferred_field *root)
{
    return !root || root->types == 1u << WD_TYPE_BYTES;
}

void wd_infer(const struct wd_inference *inference, struct wd_arena *arena, struct wd_inferred *out)
{
    const struct wd_profile *profile = inference->profile;
    const struct wd_type_profile **types = sorted(profile, arena);
    struct wd_name_scope keys = wd_name_scope_open(arena, false);
    *out = (struct wd_inferred){ .least = inference->least,
                                 .has_words = inference->has_words,
                                 .title = inference->title,
                                 .payload_bytes = profile->payload_bytes,
                                 .message_total = profile->messages,
                                 .messages =
                                     wd_arena_array(arena, struct wd_inferred_message, profile->type_count) };
    for (size_t t = 0; t < profile->type_count; t++) {
        struct wd_inferred_message *message = &out->messages[out->message_count++];
        message->type = types[t];
        message->key = key_of(&keys, profile, types[t], arena);
        message->root = wd_infer_tree(inference, types[t], arena, out);
        if (is_opaque(message->root))
            message->root = NULL;
    }
    wd_name_scope_close(&keys);
}
