#include "pipeline/infer.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/nearest.h"
#include "finding/privacy.h"
#include "model/path.h"

static bool is_personal(void *ctx, const struct wd_type_profile *type, const struct wd_row *row)
{
    const struct wd_config *config = ((const struct wd_inferring *)ctx)->config;
    struct wd_personal_case c = { .path = row->path, .type = type, .row = row, .config = config };
    struct wd_assessment a;
    wd_privacy_assess(&c, &a);
    return a.category && a.confidence >= config->thresholds.min_confidence;
}

static bool is_class(void *ctx, const struct wd_type_profile *type, struct wd_bytes path)
{
    const struct wd_inferring *i = ctx;
    const struct wd_schema_message *message = i->bindings[type - i->profile->types].message;
    for (size_t f = 0; message && f < message->field_count; f++) {
        struct wd_bytes declared = message->fields[f].path;
        if (!wd_path_is_entry(declared) && wd_bytes_eq(wd_path_parent(declared), path))
            return true;
    }
    return false;
}

/* --- which messages --- */

static int no_such_message(const struct wd_inferring *i, struct wd_err *err)
{
    struct wd_shown name, shown;
    struct wd_nearest nearest = { .name = wd_bytes_of(i->only) };
    for (size_t t = 0; t < i->profile->type_count; t++)
        wd_nearest_try(&nearest, i->profile->types[t].name);
    wd_show(&name, wd_bytes_of(i->only));
    if (nearest.best.len)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "--message: no '%s' was seen; did you mean '%s'?", name.text,
                       wd_show(&shown, nearest.best));
    return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                   "--message: no '%s' was seen; wirediet profile lists what was", name.text);
}

/* Only the types of that name stay in the view of the profile. */
static int choose(const struct wd_inferring *i, struct wd_profile *view, struct wd_arena *arena,
                  struct wd_err *err)
{
    *view = *i->profile;
    if (!i->only)
        return WD_OK;
    view->types = wd_arena_array(arena, struct wd_type_profile, i->profile->type_count);
    view->type_count = view->messages = view->payload_bytes = 0;
    for (size_t t = 0; t < i->profile->type_count; t++) {
        const struct wd_type_profile *type = &i->profile->types[t];
        if (!wd_bytes_is(type->name, i->only))
            continue;
        view->types[view->type_count++] = *type;
        view->messages += type->count;
        view->payload_bytes += type->payload_bytes;
    }
    return view->type_count ? WD_OK : no_such_message(i, err);
}

/* --- what a person should know --- */

static void note_some(struct wd_buf *notes, uint64_t n, const char *one, const char *many)
{
    if (n == 1)
        wd_buf_printf(notes, "%s\n", one);
    else if (n)
        wd_buf_printf(notes, "%" PRIu64 " %s\n", n, many);
}

static bool has_samples(const struct wd_profile *profile)
{
    for (size_t t = 0; t < profile->type_count; t++)
        for (size_t r = 0; r < profile->types[t].row_count; r++)
            if (profile->types[t].rows[r].sample)
                return true;
    return false;
}

static void note_types(const struct wd_inferring *i, const struct wd_profile *view, struct wd_buf *notes)
{
    uint64_t malformed = 0, cut = 0, few = 0;
    for (size_t t = 0; t < view->type_count; t++) {
        malformed += view->types[t].malformed;
        cut += view->types[t].other_fields > 0;
        few += view->types[t].count < i->config->thresholds.min_messages;
    }
    note_some(notes, malformed, "1 message was malformed; what was read of it counts",
              "messages were malformed; what was read of them counts");
    note_some(
        notes, cut,
        "1 message type has more fields than the limit allows; the rest is not described (--limit fields)",
        "message types have more fields than the limit allows; the rest is not described (--limit fields)");
    if (few)
        wd_buf_printf(notes, "%" PRIu64 " of %zu message types came less than %" PRIu64
                      " times: only what names them is called required\n", few, view->type_count,
                      i->config->thresholds.min_messages);
}

static void note(const struct wd_inferring *i, const struct wd_profile *view,
                 const struct wd_inferred *inferred, struct wd_buf *notes)
{
    if (!view->type_count)
        wd_buf_puts(notes,
                    "no messages were seen, so the schema is empty; wirediet profile tells what was\n");
    note_types(i, view, notes);
    note_some(notes, inferred->maps, "1 object is taken for a map: its keys look like values",
              "objects are taken for maps: their keys look like values");
    note_some(notes, inferred->unreadable, "1 field is too deep to be described; what holds it is left open",
              "fields are too deep to be described; what holds them is left open");
    if (i->has_words && view->type_count && !has_samples(view))
        wd_buf_puts(notes, "a profile holds no values, so there are no enumerations; give the capture\n");
}

/* --- the text --- */

static struct wd_bytes title_of(const struct wd_profile *profile, struct wd_arena *arena)
{
    if (!profile->input_count)
        return wd_bytes_of("Inferred");
    struct wd_bytes name = profile->inputs[0].name;
    const uint8_t *dot = name.len ? memchr(name.at, '.', name.len) : NULL;
    if (dot && dot > name.at)
        name.len = (size_t)(dot - name.at);
    struct wd_buf title = { 0 };
    wd_put_terminal(&title, wd_bytes_is(name, "-") || !name.len ? wd_bytes_of("Inferred") : name);
    struct wd_bytes made = wd_arena_copy(arena, wd_buf_bytes(&title));
    wd_buf_free(&title);
    return made;
}

static void infer(const struct wd_inferring *i, const struct wd_profile *view, struct wd_arena *arena,
                  struct wd_inferred *out, struct wd_buf *notes)
{
    struct wd_inference inference = { .profile = view,
                                      .least = i->config->thresholds.min_messages,
                                      .has_words = i->has_words,
                                      .title = title_of(view, arena),
                                      .is_personal = is_personal,
                                      .is_class = i->old ? is_class : NULL,
                                      .ctx = (void *)i };
    wd_infer(&inference, arena, out);
    note(i, view, out, notes);
}

int wd_infer_write(const struct wd_inferring *i, struct wd_arena *arena, struct wd_buf *out,
                   struct wd_buf *notes, struct wd_err *err)
{
    struct wd_profile view;
    struct wd_inferred inferred;
    TRY(choose(i, &view, arena, err));
    infer(i, &view, arena, &inferred, notes);
    i->format->print(&(struct wd_infer_print){ &inferred, arena, i->is_json, i->is_bare }, out);
    return WD_OK;
}

int wd_infer_extend(const struct wd_inferring *i, struct wd_arena *arena, struct wd_extension *out,
                    struct wd_buf *notes, struct wd_err *err)
{
    struct wd_inferred inferred;
    if (strcmp(i->old->format, "avro") == 0)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ .file = i->old->documents[0]->name },
                       "an Avro schema is not added to: its readers need to be told of each change; infer "
                       "another with --as avro");
    infer(i, i->profile, arena, &inferred, notes);
    struct wd_infer_print print = { &inferred, arena, i->old->documents[0]->is_json, i->is_bare };
    if (i->old->documents[0]->is_proto && i->old->protos)
        TRY(wd_extend_proto(&print, i->old, &i->config->limits, out, err));
    else
        TRY(wd_extend(&print, i->profile, i->old, i->bindings, &i->config->limits, out, err));
    note_some(notes, out->missing,
              "1 field that the schema requires was missing at times; it stays required (audit: WD105)",
              "fields that the schema requires were missing at times; they stay required (audit: WD105)");
    note_some(notes, out->unplaced,
              "1 thing was seen that the schema has no place for (audit: WD104 to WD106)",
              "things were seen that the schema has no place for (audit: WD104 to WD106)");
    return WD_OK;
}
