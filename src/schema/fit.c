#include "schema/fit.h"

#include "model/path.h"

/* A required field may be missing in so many of its parents: a capture can begin in the middle of things. */
#define MISSING 0.05

/* "(malformed)" and "(other)" are rows, not paths. */
static bool is_path(const struct wd_row *row)
{
    return row->path.len && row->path.at[0] != '(';
}

static uint32_t types_of(const struct wd_row *row)
{
    uint32_t types = 0;
    for (int i = 0; i < WD_TYPE_COUNT; i++)
        types |= (uint32_t)(row->types[i] > 0) << i;
    return types;
}

static bool agrees(const struct wd_schema_field *field, const struct wd_row *row)
{
    return !field->types || !types_of(row) || field->types & types_of(row);
}

/* ---- contradictions ---- */

static void exclude(struct wd_fit *fit, const char *why, bool is_total)
{
    if (!fit->excluded || (is_total && !fit->is_total)) {
        fit->excluded = why;
        fit->is_total = is_total;
    }
}

/* As far as the sketch tells: it is exact, and holds more values than those constants that it has. */
static void check_constants(struct wd_fit *fit, const struct wd_schema_field *field, const struct wd_row *row,
                            bool is_discriminator)
{
    if (!field->constant_count || !row->sketch || !wd_sketch_is_exact(row->sketch))
        return;
    uint64_t allowed = 0, count = wd_sketch_count(row->sketch);
    for (size_t i = 0; i < field->constant_count; i++)
        allowed += wd_sketch_has(row->sketch, wd_sketch_hash_json(field->constants[i].json)) == 1;
    if (count > allowed)
        exclude(fit,
                field->has_const ? "a constant of the schema contradicts the traffic"
                                 : "an enumeration of the schema contradicts the traffic",
                !allowed);
    fit->names_type |= is_discriminator && count && count <= allowed;
}

/* Keys that were folded into {} cannot be told apart. */
static bool is_folded(const struct wd_type_profile *type, struct wd_bytes parent)
{
    char path[512];
    bool is_root = wd_bytes_is(parent, ".");
    if (parent.len + 2 > sizeof path)
        return true;
    size_t n = is_root ? 0 : parent.len;
    memcpy(path, parent.at, n);
    memcpy(path + n, "{}", 2);
    return wd_type_row(type, wd_bytes_at(path, n + 2)) != NULL;
}

/* Present in nearly all of its parents, or that parent never came as an object. */
static bool is_kept(const struct wd_type_profile *type, const struct wd_schema_field *field,
                    const struct wd_row *row)
{
    struct wd_bytes parent_path = wd_path_parent(field->path);
    const struct wd_row *parent = wd_type_row(type, parent_path);
    if (!parent || is_folded(type, parent_path))
        return true;
    double objects = (double)parent->types[WD_TYPE_OBJECT], present = row ? (double)row->occurrences : 0;
    return objects - present <= MISSING * objects;
}

/* ---- shares ---- */

static void count_required(struct wd_fit *fit, const struct wd_schema_message *message,
                           const struct wd_type_profile *type)
{
    size_t required = 0, seen_required = 0, seen = 0;
    for (size_t i = 0; i < message->field_count; i++) {
        const struct wd_schema_field *field = &message->fields[i];
        const struct wd_row *row = wd_type_row(type, field->path);
        seen += row != NULL;
        if (row)
            check_constants(fit, field, row, wd_bytes_eq(field->path, type->discriminator));
        if (!field->is_required || wd_path_has_map(field->path))
            continue;
        required++;
        seen_required += row != NULL;
        if (!is_kept(type, field, row))
            exclude(fit, "a required field is missing in over 5 % of the messages", false);
    }
    fit->has_required = required;
    fit->required = required ? (double)seen_required / (double)required : 1;
    fit->seen = message->field_count ? (double)seen / (double)message->field_count : 1;
}

static void count_declared(struct wd_fit *fit, const struct wd_schema_message *message,
                           const struct wd_type_profile *type)
{
    size_t rows = 0, declared = 0;
    double weight = 0;
    for (size_t i = 0; i < type->row_count; i++) {
        const struct wd_row *row = &type->rows[i];
        bool is_root = wd_bytes_is(row->path, ".");
        if (!is_path(row) || (is_root && type->row_count > 1))
            continue;
        const struct wd_schema_field *field = wd_schema_field_cover(message, row->path);
        bool is_itself = field && (wd_path_meets(field->path, row->path)) && agrees(field, row);
        rows++;
        declared += field != NULL;
        weight += is_itself ? 1 : field ? 0.5 : 0;
    }
    fit->declared = rows ? (double)declared / (double)rows : 1;
    fit->weight = rows ? weight / (double)rows : 1;
}

struct wd_fit wd_fit_of(const struct wd_schema_message *message, const struct wd_type_profile *type)
{
    struct wd_fit fit = { .declared = 0.5, .weight = 0.5, .required = 1, .seen = 1 };
    if (!message->field_count)
        return fit;   /* its payload is not described: anything may be it */
    const struct wd_row *root = wd_type_row(type, wd_bytes_of("."));
    if (root && !agrees(&message->fields[0], root))
        exclude(&fit, "the schema says another type of message", true);
    count_required(&fit, message, type);
    count_declared(&fit, message, type);
    return fit;
}
