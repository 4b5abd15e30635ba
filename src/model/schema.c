#include "model/schema.h"

#include "model/path.h"

/* "." stands first, whatever bytes the others begin with. */
static int compare(struct wd_bytes a, struct wd_bytes b)
{
    bool a_is_root = wd_bytes_is(a, "."), b_is_root = wd_bytes_is(b, ".");
    if (a_is_root || b_is_root)
        return (int)b_is_root - (int)a_is_root;
    return wd_bytes_cmp(a, b);
}

const struct wd_schema_field *wd_schema_field_find(const struct wd_schema_message *message,
                                                   struct wd_bytes path)
{
    size_t low = 0, high = message->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = compare(message->fields[middle].path, path);
        if (c == 0)
            return &message->fields[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool has_braces(struct wd_bytes path)
{
    return memmem(path.at, path.len, "{}", 2) != NULL;
}

/* A declared path may name with {} what the traffic names by its key, and the other way round where keys were
 * folded. */
static const struct wd_schema_field *find_map(const struct wd_schema_message *message, struct wd_bytes path)
{
    bool is_folded = has_braces(path);
    for (size_t i = 0; i < message->field_count; i++) {
        const struct wd_schema_field *field = &message->fields[i];
        if ((is_folded || has_braces(field->path)) && wd_path_meets(field->path, path))
            return field;
    }
    return NULL;
}

const struct wd_schema_field *wd_schema_field_cover(const struct wd_schema_message *message,
                                                    struct wd_bytes path)
{
    for (struct wd_bytes at = path; at.len; at = wd_path_parent(at)) {
        const struct wd_schema_field *field = wd_schema_field_find(message, at);
        if (!field)
            field = find_map(message, at);
        if (field && (wd_bytes_eq(at, path) || field->is_free)) /* "." is as long as "x" */
            return field;
        if (field)
            return NULL;
    }
    return NULL;
}
