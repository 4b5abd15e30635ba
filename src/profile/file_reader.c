/* profile/file_reader.c - members of the file by kind; a missing one is zero, a wrong one an error. */
#include "profile/file_reader.h"

#include <string.h>

#include "base/moment.h"
#include "field/codec.h"

int fail(const struct reader *r, const char *member, const char *expected)
{
    return wd_fail(
        r->err, WD_EPARSE, (struct wd_place){ .file = r->file },
        "not a profile that wirediet can use: '%s' should be %s; make it again with wirediet profile", member,
        expected);
}

int get_count(const struct reader *r, const json_t *object, const char *name, uint64_t *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > most_count)
        return fail(r, name, "a count, at most 2^53");
    *out = (uint64_t)json_integer_value(v);
    return WD_OK;
}

int get_text(const struct reader *r, const json_t *object, const char *name, struct wd_bytes *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    if (!json_is_string(v))
        return fail(r, name, "a string");
    *out = wd_arena_copy(r->arena, wd_bytes_at(json_string_value(v), json_string_length(v)));
    return WD_OK;
}

int get_flag(const struct reader *r, const json_t *object, const char *name, bool *out)
{
    const json_t *v = json_object_get(object, name);
    if (v && !json_is_boolean(v))
        return fail(r, name, "true or false");
    *out = json_is_true(v);
    return WD_OK;
}

/* One of `names`; *out keeps its value when the member is missing. */
int get_word(const struct reader *r, const json_t *object, const char *name, const char *const *names,
             int count, int *out)
{
    const json_t *v = json_object_get(object, name);
    if (!v)
        return WD_OK;
    for (int i = 0; json_is_string(v) && i < count; i++) {
        if (wd_bytes_is(wd_bytes_at(json_string_value(v), json_string_length(v)), names[i])) {
            *out = i;
            return WD_OK;
        }
    }
    return fail(r, name, "a word that this version knows");
}

/* As they are written here: in UTC, with a T. */
static bool read_time(struct wd_bytes text, int64_t *out)
{
    enum { DATE = 10 };
    return text.len > DATE && text.at[DATE] == 'T' && text.at[text.len - 1] == 'Z' &&
           wd_moment_date(text, WD_ZONE_REQUIRED, out);
}

/* "" is no time. */
int get_time(const struct reader *r, const json_t *object, const char *name, int64_t *out)
{
    const json_t *v = json_object_get(object, name);
    struct wd_bytes text = wd_bytes_at(json_string_value(v), json_string_length(v));
    if (v && !(json_is_string(v) && (!text.len || read_time(text, out))))
        return fail(r, name, "a time like 2026-03-03T09:00:00.000000000Z");
    return WD_OK;
}

/* An object of counts whose names come from a table. */
int get_table(const struct reader *r, const json_t *object, const char *name, const char *const *names,
              int count, uint64_t *out)
{
    const json_t *v = json_object_get(object, name);
    if (v && !json_is_object(v))
        return fail(r, name, "an object of counts");
    for (int i = 0; v && i < count; i++)
        TRY(get_count(r, v, names[i], &out[i]));
    return WD_OK;
}

int get_list(const struct reader *r, const json_t *object, const char *name, const json_t **out,
             size_t *count)
{
    *out = json_object_get(object, name);
    if (*out && !json_is_array(*out))
        return fail(r, name, "a list");
    *count = *out ? json_array_size(*out) : 0;
    for (size_t i = 0; i < *count; i++)
        if (!json_is_object(json_array_get(*out, i)) && strcmp(name, "equals") != 0 &&
            strcmp(name, "hold") != 0)
            return fail(r, name, "a list of objects");
    return WD_OK;
}

int get_codec(const struct reader *r, const json_t *object, const char **out)
{
    struct wd_bytes name = wd_bytes_of("opaque");
    TRY(get_text(r, object, "codec", &name));
    const struct wd_codec *codec = wd_codec_find(name);
    if (!codec && !wd_bytes_is(name, WD_CODEC_MIXED))
        return fail(r, "codec", "a codec that this version knows");
    *out = codec ? codec->name : WD_CODEC_MIXED;
    return WD_OK;
}

int check_parts(const struct reader *r, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].part > parts[i].whole)
            return fail(r, parts[i].name, "not more than what it is a part of");
    return WD_OK;
}
