/* infer/maps.c - classes or maps: an object whose keys are names somebody chose, or values.
 *
 * Keys that are identifiers, and those of an object that has too many, were folded as they were read. Here is
 * about the few: currencies, disks, cores. They are made alike, without the small letters of words, or with a
 * common beginning and a number behind it, and lead to values that are alike:
 *
 *     EUR USD GBP CHF SEK       A        a map
 *     cpu0 cpu1 cpu2 cpu3 ...   cpu 0    a map
 *     load user idle wait irq   a        a class
 */
#include "infer/tree.h"

enum { KEYS_LEAST = 5, FORM_MOST = 16 };

/* --- how keys are made --- */

static char kind_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return '0';
    if (c >= 'A' && c <= 'Z')
        return 'A';
    return (c >= 'a' && c <= 'z') || c >= 0x80 ? 'a' : (char)c;
}

/* "BTC-USD" is A-A: runs of one kind are one letter. 0: too long to be a form. */
static size_t form_of(struct wd_bytes key, char *form)
{
    size_t n = 0;
    for (size_t i = 0; i < key.len; i++) {
        char kind = kind_of(key.at[i]);
        if (n && form[n - 1] == kind)
            continue;
        if (n == FORM_MOST)
            return 0;
        form[n++] = kind;
    }
    return n;
}

static bool is_word(struct wd_bytes key)
{
    for (size_t i = 0; i < key.len; i++)
        if (kind_of(key.at[i]) == 'a')
            return true;
    return false;
}

/* The same letters, then a number: cpu0, cpu12. */
static bool is_numbered(struct wd_bytes key, struct wd_bytes first)
{
    size_t letters = 0;
    while (letters < first.len && kind_of(first.at[letters]) == 'a')
        letters++;
    if (letters < 2 || letters >= key.len || memcmp(key.at, first.at, letters) != 0)
        return false;
    for (size_t i = letters; i < key.len; i++)
        if (kind_of(key.at[i]) != '0')
            return false;
    return true;
}

static bool are_keys_alike(const struct wd_inferred_field *object)
{
    char first[FORM_MOST], other[FORM_MOST];
    size_t n = form_of(object->members[0]->key, first);
    bool are_words = is_word(object->members[0]->key);
    for (size_t i = 0; i < object->member_count; i++) {
        struct wd_bytes key = object->members[i]->key;
        if (!n || form_of(key, other) != n || memcmp(first, other, n) != 0)
            return false;
        if (are_words && !is_numbered(key, object->members[0]->key))
            return false;
    }
    return true;
}

/* --- what they lead to --- */

static uint32_t kinds_of(const struct wd_inferred_field *f)
{
    uint32_t kinds = f->types & ~(1u << WD_TYPE_NULL);
    return kinds & 1u << WD_TYPE_NUMBER ? kinds | 1u << WD_TYPE_INTEGER : kinds;
}

static const struct wd_inferred_field *member_named(const struct wd_inferred_field *object,
                                                    struct wd_bytes key)
{
    for (size_t i = 0; i < object->member_count; i++)
        if (wd_bytes_eq(object->members[i]->key, key))
            return object->members[i];
    return NULL;
}

/* Of one kind, numbers with and without a point being one; objects have most of their members in common. */
static bool are_alike(const struct wd_inferred_field *a, const struct wd_inferred_field *b)
{
    uint32_t both = kinds_of(a) | kinds_of(b);
    bool is_number = !(both & ~(1u << WD_TYPE_INTEGER | 1u << WD_TYPE_NUMBER));
    if (kinds_of(a) != kinds_of(b) && !is_number)
        return false;
    size_t common = 0;
    for (size_t i = 0; i < a->member_count; i++)
        common += member_named(b, a->members[i]->key) != NULL;
    return common * 2 >= a->member_count && common * 2 >= b->member_count;
}

bool wd_infer_is_map(const struct wd_inferred_field *object)
{
    if (object->member_count < KEYS_LEAST || object->element || !are_keys_alike(object))
        return false;
    for (size_t i = 0; i < object->member_count; i++)
        if (object->members[i]->constant.len || !are_alike(object->members[0], object->members[i]))
            return false;
    return true;
}

/* --- joining --- */

static void join(struct wd_inferred_field *into, struct wd_inferred_field *from, struct wd_arena *arena);

static void join_member(struct wd_inferred_field *into, struct wd_inferred_field *member,
                        struct wd_arena *arena)
{
    struct wd_inferred_field *known = (struct wd_inferred_field *)member_named(into, member->key);
    if (known) {
        join(known, member, arena);
        return;
    }
    wd_infer_add_member(into, member, arena);
}

static void join_inner(struct wd_inferred_field **into, struct wd_inferred_field *from,
                       struct wd_arena *arena)
{
    if (!from)
        return;
    if (*into)
        join(*into, from, arena);
    else
        *into = from;
}

/* Adds the counts and fields of one place to those of another. */
static void join(struct wd_inferred_field *into, struct wd_inferred_field *from, struct wd_arena *arena)
{
    into->types |= from->types;
    into->messages += from->messages;
    into->values += from->values;
    into->objects += from->objects;
    into->nulls += from->nulls;
    into->bytes += from->bytes;
    into->compared += from->compared;
    into->changed += from->changed;
    into->formats &= from->formats;
    into->strings += from->strings;
    into->has_kinds &= from->has_kinds;
    into->has_negative |= from->has_negative;
    into->is_wide |= from->is_wide;
    into->is_left_open |= from->is_left_open;
    into->word_count = 0;
    into->constant = wd_bytes_of("");
    for (size_t i = 0; i < from->member_count; i++)
        join_member(into, from->members[i], arena);
    join_inner(&into->element, from->element, arena);
    join_inner(&into->entry, from->entry, arena);
}

/* A tree of its own, so that what is joined in one place stays as it is in the other. */
static struct wd_inferred_field *copy(const struct wd_inferred_field *field, struct wd_arena *arena)
{
    struct wd_inferred_field *made = wd_arena_new(arena, struct wd_inferred_field);
    *made = *field;
    made->members = wd_arena_array(arena, struct wd_inferred_field *, field->member_count);
    made->member_cap = field->member_count;
    for (size_t i = 0; i < field->member_count; i++)
        made->members[i] = copy(field->members[i], arena);
    made->element = field->element ? copy(field->element, arena) : NULL;
    made->entry = field->entry ? copy(field->entry, arena) : NULL;
    return made;
}

struct wd_inferred_field *wd_infer_any_member(const struct wd_inferred_field *object, struct wd_arena *arena)
{
    struct wd_inferred_field *any = object->entry ? copy(object->entry, arena) : NULL;
    for (size_t i = 0; i < object->member_count; i++)
        join_inner(&any, copy(object->members[i], arena), arena);
    return any;
}

void wd_infer_make_map(struct wd_inferred_field *object, struct wd_arena *arena)
{
    for (size_t i = 0; i < object->member_count; i++)
        join_inner(&object->entry, object->members[i], arena);
    object->entry->key = wd_bytes_of("");
    object->entry->word_count = 0;
    object->member_count = 0;
}
