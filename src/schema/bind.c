/* Which schema message describes a type of the traffic. A type asks in this order and takes the first answer:
 *
 *     1  nothing contradicts; channel and direction agree            the best fit wins
 *     2  nothing contradicts; the channel agrees                     documents are written from either side
 *     3  as 1, 4 as 2, where the address fits the channel's tail     the server's base path stands before it
 *     5  the name and the channel agree, not all contradicts     the type is it, and disagrees with it
 *
 * A name that the traffic itself gave (event, discriminator) is strong: when a message of the channel is
 * called so, no other is considered for this type, and this message is considered for no other type, unless
 * constants of its discriminator say so.
 */
#include "schema/address.h"
#include "schema/fit.h"
#include "schema/schema.h"

/* Without the same name, so much of the traffic must be declared, and so much of the schema seen. */
#define DECLARED 0.5
#define SEEN 0.3

enum channel_fit { CHANNEL_OTHER, CHANNEL_TAIL, CHANNEL_OPEN, CHANNEL_SAME };

struct candidate {
    const struct wd_schema_message *message;
    struct wd_fit fit;
    enum channel_fit channel;
    bool agrees;         /* with the direction */
    bool is_named;       /* as the traffic calls it */
    bool is_taken;       /* by a type of that name */
};

struct binder {
    const struct wd_schema *schema;
    const struct wd_profile *profile;
    const struct wd_type_profile *type;
    struct candidate *candidates;   /* one per schema message */
    bool has_named;
};

/* What is laid out by a schema is bound to what was read as such, whatever fields they have in common. */
static bool is_read_so(const struct wd_schema_message *message, const struct wd_type_profile *type)
{
    const char *codec = message->layout->proto ? "protobuf" : "avro";
    return !type->codec || strcmp(type->codec, codec) == 0 || strcmp(type->codec, "mixed") == 0;
}

static enum channel_fit fit_channel(const struct wd_schema_message *message,
                                    const struct wd_type_profile *type)
{
    if (message->layout && !is_read_so(message, type))
        return CHANNEL_OTHER;
    if (!message->channel.len || !type->channel.len || wd_bytes_is(type->channel, "(unknown)"))
        return CHANNEL_OPEN;
    if (wd_address_fits(type->channel, message->channel))
        return CHANNEL_SAME;
    return wd_address_fits_tail(type->channel, message->channel) ? CHANNEL_TAIL : CHANNEL_OTHER;
}

static bool fits_direction(const struct wd_schema_message *message, const struct wd_type_profile *type)
{
    return !message->directions || type->direction == WD_P2P || message->directions & 1u << type->direction;
}

/* As the type is called whose layout it has, which is what its traffic was called by; not in an envelope. */
static bool is_laid_out_as(const struct wd_schema_message *message, struct wd_bytes name)
{
    const struct wd_layout *layout = message->layout;
    if (!layout || message->variant.len)
        return false;
    struct wd_bytes full = layout->proto ? layout->proto->name : layout->avro->name;
    return wd_bytes_eq(wd_bytes_unqualified(full), name);
}

/* Its own name or the component's; after a renaming, the name that the traffic gave. */
static bool is_called(const struct wd_schema_message *message, const struct wd_type_profile *type)
{
    if (type->named_by == WD_NAMED_BY_DEFAULT)
        return false;
    if (type->named_by == WD_NAMED_BY_SCHEMA && is_laid_out_as(message, type->name))
        return true;
    if (type->named_by == WD_NAMED_BY_SCHEMA || type->named_by == WD_NAMED_BY_CONFIG)
        return wd_bytes_eq(message->name, type->name);
    return wd_bytes_eq(message->name, type->name) || wd_bytes_eq(message->key, type->name);
}

static bool is_taken(const struct binder *b, const struct wd_schema_message *message)
{
    for (size_t i = 0; i < b->profile->type_count; i++) {
        const struct wd_type_profile *other = &b->profile->types[i];
        if (other != b->type && other->direction == b->type->direction &&
            wd_bytes_eq(other->channel, b->type->channel) && is_called(message, other))
            return true;
    }
    return false;
}

static void weigh(struct binder *b)
{
    b->has_named = false;
    for (size_t i = 0; i < b->schema->message_count; i++) {
        struct candidate *c = &b->candidates[i];
        const struct wd_schema_message *message = &b->schema->messages[i];
        *c = (struct candidate){ .message = message,
                                 .channel = fit_channel(message, b->type),
                                 .agrees = fits_direction(message, b->type),
                                 .is_named = is_called(message, b->type) };
        if (c->channel == CHANNEL_OTHER)
            continue;
        c->fit = wd_fit_of(message, b->type);
        c->is_taken = !c->is_named && b->type->named_by != WD_NAMED_BY_DEFAULT && !c->fit.names_type &&
                      is_taken(b, message);
        b->has_named |= c->is_named && c->channel != CHANNEL_TAIL;
    }
}

/* Enough in common to be it without being called so; a constant that names the type is enough. */
static bool is_alike(const struct candidate *c)
{
    return c->fit.names_type || (c->fit.declared >= DECLARED &&
                                 (c->fit.seen >= SEEN || (c->fit.has_required && c->fit.required >= 1)));
}

static double score(const struct candidate *c)
{
    return c->fit.weight + (c->is_named ? 1 : 0) + (c->fit.names_type ? 0.5 : 0);
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (!b || score(a) != score(b))
        return !b || score(a) > score(b);
    if (a->fit.required != b->fit.required)
        return a->fit.required > b->fit.required;
    if (a->channel != b->channel)
        return a->channel > b->channel;
    return a->fit.seen > b->fit.seen;
}

struct question { bool is_tail, is_any_direction, is_lenient; };

static bool answers(const struct binder *b, const struct candidate *c, struct question q)
{
    if (c->channel == CHANNEL_OTHER || (c->channel == CHANNEL_TAIL) != q.is_tail ||
        (!c->agrees && !q.is_any_direction))
        return false;
    if (q.is_lenient)
        return c->is_named && !c->fit.is_total;
    if (c->fit.excluded || c->is_taken)
        return false;
    return c->is_named || (!(b->has_named && b->type->named_by != WD_NAMED_BY_DEFAULT) && is_alike(c));
}

static const struct candidate *ask(const struct binder *b, struct question q)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < b->schema->message_count; i++)
        if (answers(b, &b->candidates[i], q) && is_better(&b->candidates[i], best))
            best = &b->candidates[i];
    return best;
}

/* ---- when there is no answer ---- */

static const struct candidate *find_nearest(const struct binder *b)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < b->schema->message_count; i++)
        if (b->candidates[i].channel != CHANNEL_OTHER && is_better(&b->candidates[i], best))
            best = &b->candidates[i];
    return best;
}

static const char *reason(const struct candidate *nearest)
{
    if (!nearest)
        return "the schema has no message on this channel";
    if (nearest->fit.excluded)
        return nearest->fit.excluded;
    if (nearest->is_taken)
        return "the nearest message is that of another type";
    return nearest->fit.declared < DECLARED ? "too few of its fields are declared"
                                            : "too few of the declared fields were seen";
}

static void bind(struct binder *b, struct wd_binding *out)
{
    static const struct question questions[] = {
        { false, false, false }, { false, true, false }, { true, false, false },
        { true, true, false },   { false, false, true }, { false, true, true },
    };
    const struct candidate *found = NULL;
    weigh(b);
    for (size_t i = 0; i < WD_COUNT(questions) && !found; i++)
        found = ask(b, questions[i]);
    const struct candidate *nearest = found ? found : find_nearest(b);
    *out = (struct wd_binding){ .message = found ? found->message : NULL,
                                .fit = nearest ? nearest->fit.declared : 0,
                                .why_not = found ? NULL : reason(nearest),
                                .nearest = nearest && !found ? nearest->message->name : wd_bytes_of("") };
}

int wd_schema_bind(const struct wd_schema *schema, const struct wd_profile *profile, struct wd_arena *arena,
                   struct wd_binding **out, struct wd_err *err)
{
    (void)err;
    struct wd_binding *bindings = wd_arena_array(arena, struct wd_binding, profile->type_count);
    struct binder b = { .schema = schema, .profile = profile,
                        .candidates = wd_realloc(NULL, schema->message_count + 1, sizeof(struct candidate)) };
    for (size_t i = 0; i < profile->type_count; i++) {
        b.type = &profile->types[i];
        bind(&b, &bindings[i]);
    }
    wd_free(b.candidates);
    *out = bindings;
    return WD_OK;
}
