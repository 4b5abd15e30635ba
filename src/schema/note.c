#include "schema/note.h"

#include "base/buf.h"
#include "schema/patch.h"
#include "schema/resolve.h"

struct writer {
    struct wd_patch patch;
    const struct wd_document *document;
    struct wd_arena *arena;
};

/* --- comments on lines of their own --- */

static const struct style { const char *mark, *says, *slot; } yaml = { "#", "# wirediet: ", NULL },
                                                              proto = { "//", "// wirediet: ", "// purpose:" };

static struct wd_bytes line_at(struct wd_bytes text, size_t start)
{
    size_t at = wd_skip_space(text, start, false), end = wd_line_end(text, start);
    while (end > at && strchr("\r\n \t", text.at[end - 1]))
        end--;
    return wd_bytes_at(text.at + at, end > at ? end - at : 0);
}

/* Among the comment lines that stand directly above `line`, the one that begins with `what`; `line` when there
 * is none. */
static size_t find_above(struct wd_bytes text, size_t line, const struct style *style, const char *what)
{
    for (size_t below = line; below;) {
        size_t start = wd_line_start(text, below - 1);
        struct wd_bytes comment = line_at(text, start);
        if (!wd_bytes_starts(comment, style->mark))
            break;
        if (wd_bytes_starts(comment, what))
            return start;
        below = start;
    }
    return line;
}

/* `off`: where the declaration begins on its line. */
static void put_above(struct writer *w, const struct wd_note *note, const struct style *style, size_t off)
{
    struct wd_bytes text = w->patch.text;
    size_t line = wd_line_start(text, off), said = find_above(text, line, style, style->says);
    int indent = (int)(wd_skip_space(text, line, false) - line);
    const char *nl = wd_line_break(text), *blanks = (const char *)text.at + line;
    bool has_slot = !style->slot || note->has_purpose || find_above(text, line, style, style->slot) < line;
    wd_patch_add(&w->patch, said, said < line ? wd_line_end(text, said) : line,
                 wd_arena_printf(w->arena, "%.*s%s%.*s%s", indent, blanks, style->says, (int)note->line.len,
                                 (const char *)note->line.at, nl));
    if (!has_slot)
        wd_patch_add(&w->patch, line, line, wd_arena_printf(w->arena, "%.*s%s%s", indent, blanks, style->slot, nl));
}

/* Of the whole document, which has no key: its first. */
static const struct wd_node *keyed(const struct wd_node *node)
{
    return node->parent ? node : node->first;
}

/* --- comments before a declaration that shares its line --- */

static const char INLINE_SAYS[] = "/* wirediet: ";

/* Where the comment begins that an earlier run put before `off`. */
static size_t find_before(struct wd_bytes text, size_t off)
{
    size_t at = off, line = wd_line_start(text, off);
    while (at > line && text.at[at - 1] == ' ')
        at--;
    if (at < line + 4 || memcmp(text.at + at - 2, "*/", 2) != 0)
        return off;
    for (size_t start = at - 3; start-- > line;)
        if (memcmp(text.at + start, "/*", 2) == 0)
            return wd_bytes_starts(wd_bytes_at(text.at + start, at - start), INLINE_SAYS) ? start : off;
    return off;
}

/* A name may hold what ends a comment. */
static void put_before(struct writer *w, const struct wd_note *note)
{
    size_t start = note->node->span.off;
    struct wd_buf put = { 0 };
    wd_buf_puts(&put, INLINE_SAYS);
    for (size_t i = 0; i < note->line.len; i++) {
        if (i && note->line.at[i] == '/' && note->line.at[i - 1] == '*')
            wd_buf_byte(&put, ' ');
        wd_buf_byte(&put, note->line.at[i]);
    }
    wd_buf_puts(&put, " */ ");
    wd_patch_add(&w->patch, find_before(w->patch.text, start), start, wd_arena_copy(w->arena, wd_buf_bytes(&put)));
    wd_buf_free(&put);
}

static void put_in_proto(struct writer *w, const struct wd_note *note, struct wd_note_lack *lack)
{
    struct wd_bytes text = w->patch.text;
    size_t start = note->node->span.off;
    bool is_first = wd_skip_space(text, wd_line_start(text, start), false) == start;
    if (!note->node->span.len)
        lack->notes++;
    else if (is_first)
        put_above(w, note, &proto, start);
    else
        put_before(w, note);
    lack->slots += !is_first && !note->has_purpose;
}

/* --- members --- */

static const struct wd_node *member_of(const struct wd_node *map, const char *key)
{
    const struct wd_node *member = wd_node_get(map, key);
    return member && member->parent == map ? member : NULL;   /* not one that `<<` lends */
}

/* What stands between the opening bracket and the first member: in a map that has a line for each, the break
 * and the indentation. */
static struct wd_bytes separator(const struct wd_document *document, const struct wd_node *map)
{
    struct wd_bytes text = document->text;
    size_t bracket = map->span.off + 1, first = wd_skip_space(text, bracket, false);
    if (!map->first || (first < text.len && text.at[first] != '\n' && text.at[first] != '\r'))
        return wd_bytes_of(" ");
    return wd_bytes_at(text.at + first, map->first->key_span.off - first);
}

static void put_at(struct writer *w, size_t start, size_t end, const struct wd_buf *put)
{
    wd_patch_add(&w->patch, start, end, wd_arena_copy(w->arena, wd_buf_bytes(put)));
}

/* A new member comes first, where its comma is easily put behind it. */
static void put_first(struct writer *w, const struct wd_node *map, struct wd_bytes member)
{
    struct wd_bytes text = w->patch.text;
    size_t bracket = map->span.off + 1;
    struct wd_buf put = { 0 };
    size_t at = map->first ? wd_skip_space(text, bracket, true) : bracket;
    wd_buf_put(&put, member);
    if (map->first) {
        wd_buf_byte(&put, ',');
        wd_buf_put(&put, separator(w->document, map));
    }
    put_at(w, at, at, &put);
    wd_buf_free(&put);
}

/* An empty text, which says nothing. */
static const char *slot(const struct writer *w)
{
    return w->document->is_json ? "\"purpose\": \"\"" : "purpose: \"\"";
}

static void put_into(struct writer *w, const struct wd_node *own, const struct wd_note *note)
{
    const struct wd_node *measured = member_of(own, "measured");
    bool has_slot = note->has_purpose || member_of(own, "purpose");
    if (measured)
        wd_patch_add(&w->patch, measured->span.off, measured->span.off + measured->span.len, note->facts);
    else
        put_first(w, own, wd_arena_printf(w->arena, "\"measured\": %.*s%s%s", (int)note->facts.len,
                                          (const char *)note->facts.at, has_slot ? "" : ", ",
                                          has_slot ? "" : slot(w)));
}

static bool put_member(struct writer *w, const struct wd_note *note)
{
    const struct wd_node *map = note->node, *own = member_of(map, "x-wirediet");
    if (map->kind != WD_NODE_MAP || map->alias_of || !map->is_flow)
        return false;
    if (!own)
        put_first(w, map, wd_arena_printf(w->arena, "\"x-wirediet\": {\"measured\": %.*s%s%s}", (int)note->facts.len,
                                          (const char *)note->facts.at, note->has_purpose ? "" : ", ",
                                          note->has_purpose ? "" : slot(w)));
    else if (own->kind == WD_NODE_MAP && own->is_flow && !own->alias_of)
        put_into(w, own, note);
    else
        return false;
    return true;
}

/* --- the slot, where the note is a comment --- */

static void put_line_first(struct writer *w, const struct wd_node *map, const char *member)
{
    struct wd_bytes text = w->patch.text;
    size_t start = map->span.off;
    int column = (int)(start - wd_line_start(text, start));
    struct wd_bytes put = wd_arena_printf(w->arena, "%s%s%*s", member, wd_line_break(text), column, "");
    wd_patch_add(&w->patch, start, start, put);
}

static bool put_slot(struct writer *w, const struct wd_node *map)
{
    const struct wd_node *own = member_of(map, "x-wirediet");
    if (own && own->kind == WD_NODE_MAP && own->parent == map && !own->alias_of) {
        if (member_of(own, "purpose"))
            return true;
        own->is_flow ? put_first(w, own, wd_bytes_of(slot(w))) : put_line_first(w, own, slot(w));
        return true;
    }
    if (own || map->kind != WD_NODE_MAP || map->alias_of || wd_ref_of(map))
        return false;
    const char *member = "x-wirediet: {purpose: \"\"}";
    map->is_flow ? put_first(w, map, wd_bytes_of(member)) : put_line_first(w, map, member);
    return true;
}

/* --- either --- */

/* The key stands in a block: its line is its own. */
static bool takes_comment(const struct wd_note *note)
{
    const struct wd_node *node = keyed(note->node);
    return node && node->key_span.len && node->parent->kind == WD_NODE_MAP && !node->parent->is_flow;
}

static void put_note(struct writer *w, const struct wd_note *note, struct wd_note_lack *lack)
{
    if (w->document->is_proto) {
        put_in_proto(w, note, lack);
        return;
    }
    if (!takes_comment(note)) {
        lack->notes += !put_member(w, note);
        return;
    }
    put_above(w, note, &yaml, keyed(note->node)->key_span.off);
    lack->slots += !note->has_purpose && !put_slot(w, note->node);
}

struct wd_edit_result wd_note_write(const struct wd_document *document, const struct wd_note *notes,
                                    size_t count, struct wd_arena *arena, struct wd_note_lack *lack)
{
    struct writer w = { .patch = { .text = document->text }, .document = document, .arena = arena };
    for (size_t i = 0; i < count; i++)
        put_note(&w, &notes[i], lack);
    struct wd_bytes text = wd_patch_make(&w.patch, arena);
    size_t before = wd_line_count(document->text), after = wd_line_count(text);
    return (struct wd_edit_result){ .document = document, .text = text,
                                    .lines_added = after > before ? after - before : 0 };
}
