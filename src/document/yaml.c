/* YAML through the events of libyaml, which reads YAML 1.1 and nearly all of 1.2; scalars are typed by the
 * core schema of YAML 1.2.2 (10.3.2), so `no`, `on` and `1:30` are strings.
 *
 *     key: &anchor !!tag value   # comment        libyaml's event starts at the anchor, the node at the value
 *     |    |             |    |
 *     |    anchor        span                     marks count characters: wd_ruler_offset makes bytes of them
 *     key_span
 *     - block: collection        # its last line  a block's end event stands at the next token; the node ends
 *                                                 with the line of its last content instead
 */
#include "document/tree.h"

#include <inttypes.h>
#include <yaml.h>

#include "base/escape.h"
#include "base/map.h"
#include "base/nearest.h"

struct anchor {
    struct wd_node *node;
    uint64_t nodes_before;
    uint64_t weight;            /* nodes below it */
    unsigned height;
    bool is_open;
};

struct reader {
    struct wd_tree *tree;
    size_t from;                /* bytes before libyaml's first character */
    size_t from_characters;
    yaml_parser_t parser;
    struct wd_map *names;       /* anchor name -> number + 1 */
    struct anchor *anchors;
    size_t anchor_count, anchor_cap;
    size_t *open;               /* per open collection: its anchor's number + 1, or 0 */
    size_t open_count, open_cap;
    uint64_t aliases;
    size_t last_end;            /* where the last content ended */
    bool is_done, has_root;
};

static size_t offset_of(const struct reader *r, yaml_mark_t mark)
{
    return wd_ruler_offset(&r->tree->ruler, mark.index + r->from_characters);
}

static struct wd_span span_of(const struct reader *r, size_t off, size_t end)
{
    return wd_ruler_span(&r->tree->ruler, off, end < off ? off : end);
}

static struct wd_bytes text_of(const yaml_char_t *s)
{
    return wd_bytes_of((const char *)s);
}

/* ---- properties: what stands between an event's start and its value ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks_and_comments(struct wd_bytes text, size_t off)
{
    while (off < text.len && (is_blank(text.at[off]) || text.at[off] == '#')) {
        if (text.at[off] == '#')
            while (off < text.len && text.at[off] != '\n' && text.at[off] != '\r')
                off++;
        else
            off++;
    }
    return off;
}

static size_t token_end(struct wd_bytes text, size_t off)
{
    bool is_verbatim = text.len - off >= 2 && text.at[off] == '!' && text.at[off + 1] == '<';
    for (; off < text.len && !is_blank(text.at[off]); off++) {
        if (is_verbatim && text.at[off] == '>')
            return off + 1;
        if (!is_verbatim && strchr(",[]{}", text.at[off]))
            break;
    }
    return off;
}

/* Skips the anchor and the tag that the event says it has; returns where the value starts, at most `end`. */
static size_t skip_properties(struct reader *r, size_t off, size_t end, bool has_anchor, bool has_tag,
                              struct wd_span *anchor)
{
    struct wd_bytes text = r->tree->document->text;
    while ((has_anchor || has_tag) && off < end) {
        size_t at = skip_blanks_and_comments(text, off);
        uint8_t c = at < text.len ? text.at[at] : 0;
        if ((c != '&' || !has_anchor) && (c != '!' || !has_tag))
            break;
        off = token_end(text, at);
        if (c == '&') {
            *anchor = span_of(r, at, off);
            has_anchor = false;
        } else {
            has_tag = false;
        }
        if (r->last_end < off)
            r->last_end = off;
    }
    size_t value = skip_blanks_and_comments(text, off);
    return value < end ? value : off < end ? off : end;
}

/* ---- anchors ---- */

static size_t add_anchor(struct reader *r, const yaml_char_t *name, struct anchor anchor)
{
    if (!name)
        return 0;
    WD_GROW(r->anchors, r->anchor_count, r->anchor_cap);
    r->anchors[r->anchor_count++] = anchor;
    *wd_map_put(r->names, text_of(name), NULL) = r->anchor_count;
    return r->anchor_count;
}

static int fail_unknown_alias(struct reader *r, size_t off, struct wd_bytes name)
{
    struct wd_shown shown, other;
    struct wd_nearest nearest = { .name = name };
    for (size_t i = 0; i < wd_map_count(r->names); i++)
        wd_nearest_try(&nearest, wd_map_key(r->names, i));
    if (nearest.best.len)
        return wd_tree_fail(r->tree, off, "'*%s' names no anchor above it; did you mean '*%s'?",
                            wd_show(&shown, name), wd_show(&other, nearest.best));
    return wd_tree_fail(r->tree, off, "'*%s' names no anchor above it; define '&%s' first",
                        wd_show(&shown, name), wd_show(&other, name));
}

static int find_anchor(struct reader *r, const yaml_event_t *event, const struct anchor **out)
{
    struct wd_shown shown;
    struct wd_bytes name = text_of(event->data.alias.anchor);
    size_t off = offset_of(r, event->start_mark);
    const uint64_t *number = wd_map_get(r->names, name);
    if (!number)
        return fail_unknown_alias(r, off, name);
    if (++r->aliases > r->tree->limits->yaml_aliases)
        return wd_tree_fail(r->tree, off,
                            "more than %" PRIu64 " aliases; raise it with --limit yaml-aliases=...",
                            r->tree->limits->yaml_aliases);
    const struct anchor *anchor = &r->anchors[*number - 1];
    if (anchor->is_open)
        return wd_tree_fail(r->tree, off, "'*%s' stands inside the value that it names; write the value out",
                            wd_show(&shown, name));
    *out = anchor;
    return WD_OK;
}

/* ---- scalars ---- */

static bool is_one_of(struct wd_bytes text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wd_bytes_is(text, words[i]))
            return true;
    return false;
}

static size_t count_in(struct wd_bytes text, size_t from, const char *digits)
{
    size_t n = 0;
    while (from + n < text.len && text.at[from + n] && strchr(digits, text.at[from + n]))
        n++;
    return n;
}

static bool is_prefixed_integer(struct wd_bytes text)
{
    if (text.len < 3 || text.at[0] != '0' || (text.at[1] != 'o' && text.at[1] != 'x'))
        return false;
    return 2 + count_in(text, 2, text.at[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF") == text.len;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static enum wd_node_kind number_kind(struct wd_bytes text)
{
    static const char digits[] = "0123456789";
    size_t i = text.len && (text.at[0] == '-' || text.at[0] == '+');
    size_t whole = count_in(text, i, digits), fraction = 0;
    i += whole;
    if (whole && i == text.len)
        return WD_NODE_INTEGER;
    if (i < text.len && text.at[i] == '.') {
        fraction = count_in(text, i + 1, digits);
        i += 1 + fraction;
    }
    if (!whole && !fraction)
        return WD_NODE_STRING;
    if (i < text.len && (text.at[i] == 'e' || text.at[i] == 'E')) {
        i++;
        i += i < text.len && (text.at[i] == '-' || text.at[i] == '+');
        size_t exponent = count_in(text, i, digits);
        i += exponent;
        if (!exponent)
            return WD_NODE_STRING;
    }
    return i == text.len ? WD_NODE_NUMBER : WD_NODE_STRING;
}

static enum wd_node_kind core_kind(struct wd_bytes text)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const booleans[] = { "true", "True", "TRUE", "false", "False", "FALSE" };
    static const char *const infinities[] = { ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                              "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN" };
    if (is_one_of(text, nulls, WD_COUNT(nulls)))
        return WD_NODE_NULL;
    if (is_one_of(text, booleans, WD_COUNT(booleans)))
        return WD_NODE_BOOLEAN;
    if (is_one_of(text, infinities, WD_COUNT(infinities)))
        return WD_NODE_NUMBER;
    return is_prefixed_integer(text) ? WD_NODE_INTEGER : number_kind(text);
}

static bool is_string(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    if (tag && strcmp(tag, "!") != 0 && strcmp(tag, YAML_STR_TAG) != 0)
        return strncmp(tag, "tag:yaml.org,2002:", 18) != 0;
    return tag || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

/* From `|` or `>` to the end of the last line that holds text. */
static size_t block_end(struct wd_bytes text, size_t off, size_t end)
{
    while (end > off + 1 && is_blank(text.at[end - 1]))
        end--;
    while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
        end++;
    return end;
}

/* libyaml marks a value that was left out at the next token, wherever that is; it belongs behind its
 * indicator. */
static size_t empty_offset(const struct reader *r, size_t off)
{
    struct wd_bytes text = r->tree->document->text;
    if (off > r->last_end && off <= text.len && strchr(":-?", text.at[off - 1]))
        return off;
    return r->last_end;
}

static struct wd_node scalar_node(struct reader *r, const yaml_event_t *event)
{
    struct wd_bytes text = r->tree->document->text;
    bool is_block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                    event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    size_t off = offset_of(r, event->start_mark), end = offset_of(r, event->end_mark);
    struct wd_node node = { .kind = WD_NODE_STRING,
                            .is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE };
    node.text =
        wd_arena_copy(r->tree->arena, wd_bytes_at(event->data.scalar.value, event->data.scalar.length));
    bool has_properties = event->data.scalar.anchor || event->data.scalar.tag;
    off = skip_properties(r, off, end, event->data.scalar.anchor, event->data.scalar.tag, &node.anchor);
    if (!node.is_quoted && !node.text.len)
        off = end = has_properties ? end : empty_offset(r, off);
    if (is_block)
        end = block_end(text, off, end);
    if (!is_string(event))
        node.kind = core_kind(node.text);
    node.span = span_of(r, off, end);
    if (r->last_end < end)
        r->last_end = end;
    return node;
}

/* ---- events ---- */

static bool wants_key(struct reader *r)
{
    const struct wd_tree_frame *top = wd_tree_top(r->tree);
    return top && top->node->kind == WD_NODE_MAP && !top->has_key;
}

static int on_key(struct reader *r, const struct wd_node *like, const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor) {
        struct wd_node *node = wd_arena_new(r->tree->arena, struct wd_node);
        *node = *like;
        add_anchor(r, event->data.scalar.anchor, (struct anchor){ .node = node });
    }
    bool is_merge = !like->is_quoted && wd_bytes_is(like->text, "<<");
    return wd_tree_key(r->tree, like->text, like->span, is_merge);
}

static int on_scalar(struct reader *r, const yaml_event_t *event)
{
    struct wd_node like = scalar_node(r, event), *node;
    if (wants_key(r))
        return on_key(r, &like, event);
    TRY(wd_tree_add(r->tree, &like, 0, 0, &node));
    add_anchor(r, event->data.scalar.anchor, (struct anchor){ .node = node });
    return WD_OK;
}

static int on_alias(struct reader *r, const yaml_event_t *event)
{
    const struct anchor *anchor = NULL;
    TRY(find_anchor(r, event, &anchor));
    size_t off = offset_of(r, event->start_mark), end = offset_of(r, event->end_mark);
    const struct wd_node *target = anchor->node;
    struct wd_node like = { .kind = target->kind,
                            .text = target->text,
                            .first = target->first,
                            .last = target->last,
                            .count = target->count,
                            .is_flow = target->is_flow,
                            .is_quoted = target->is_quoted,
                            .alias_of = target,
                            .index = target->index,
                            .span = span_of(r, off, end) };
    r->last_end = end;
    if (!wants_key(r)) {
        struct wd_node *node;
        return wd_tree_add(r->tree, &like, anchor->weight, anchor->height, &node);
    }
    if (like.kind == WD_NODE_MAP || like.kind == WD_NODE_LIST)
        return wd_tree_fail(r->tree, off, "a key is a string or a number, found %s; write the key out",
                            wd_node_kind_name(&like));
    return on_key(r, &like, event);
}

static int on_open(struct reader *r, const yaml_event_t *event, enum wd_node_kind kind,
                   const yaml_char_t *name, const yaml_char_t *tag, bool is_flow)
{
    struct wd_node like = { .kind = kind, .is_flow = is_flow }, *node;
    size_t off = offset_of(r, event->start_mark);
    off = skip_properties(r, off, r->tree->document->text.len, name, tag, &like.anchor);
    like.span = span_of(r, off, off);
    if (wants_key(r))
        return wd_tree_fail(r->tree, off, "a key is a string or a number, found %s; write the key as text",
                            wd_node_kind_name(&like));
    uint64_t nodes_before = r->tree->nodes;
    TRY(wd_tree_open(r->tree, &like, &node));
    if (is_flow)
        r->last_end = off + 1;
    WD_GROW(r->open, r->open_count, r->open_cap);
    r->open[r->open_count++] =
        add_anchor(r, name, (struct anchor){ .node = node, .nodes_before = nodes_before, .is_open = true });
    return WD_OK;
}

static int on_close(struct reader *r, const yaml_event_t *event)
{
    const struct wd_tree_frame frame = *wd_tree_top(r->tree);
    size_t end = offset_of(r, event->end_mark);
    bool has_bracket = frame.node->is_flow && event->end_mark.index != event->start_mark.index;
    if (has_bracket)
        r->last_end = end;
    else if (!frame.node->is_flow)
        end = wd_ruler_line_end(&r->tree->ruler, r->last_end);
    else
        end = r->last_end;      /* the one pair in [a: 1] has no brackets */
    size_t number = r->open[--r->open_count];
    TRY(wd_tree_close(r->tree, end));
    if (number) {
        struct anchor *anchor = &r->anchors[number - 1];
        anchor->is_open = false;
        anchor->height = frame.height + 1;
        anchor->weight = r->tree->nodes - anchor->nodes_before - 1;
    }
    return WD_OK;
}

static int on_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        r->is_done = true;
        return WD_OK;
    case YAML_DOCUMENT_START_EVENT:
        if (r->has_root)
            return wd_tree_fail(r->tree, offset_of(r, event->start_mark),
                                "a second document starts here; put each into a file of its own");
        r->has_root = true;
        return WD_OK;
    case YAML_SCALAR_EVENT:
        return on_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return on_alias(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(r, event, WD_NODE_LIST, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag,
                       event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        return on_open(r, event, WD_NODE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag,
                       event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(r, event);
    default:
        return WD_OK;
    }
}

/* ---- errors of libyaml, each with what usually mends it ---- */

static const struct { const char *problem, *remedy; } remedies[] = {
    { "mapping values are not allowed in this context",
      "quote the text if its ':' is meant literally, or start the key on a line of its own" },
    { "did not find expected key",
      "this line is indented unlike its neighbours, or a quote before it was not closed" },
    { "could not find expected ':'", "a key needs ': ' after it" },
    { "found character that cannot start any token",
      "indent with spaces, and quote text that starts with '%', '@' or '`'" },
    { "found unexpected end of stream", "close the quote" },
    { "did not find expected ',' or '}'", "close the '{'" },
    { "did not find expected ',' or ']'", "close the '['" },
    { "did not find expected '-' indicator", "this line is indented unlike the list before it" },
    { "block sequence entries are not allowed in this context", "start the list on a line of its own" },
    { "found undefined tag handle", "declare the tag with %TAG, or leave it out" },
};

static const char *remedy_for(const char *problem)
{
    for (size_t i = 0; i < WD_COUNT(remedies); i++)
        if (strcmp(problem, remedies[i].problem) == 0)
            return remedies[i].remedy;
    return "check the indentation and the quotes here";
}

static int fail_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "not YAML";
    if (p->error == YAML_MEMORY_ERROR)
        return wd_fail(r->tree->err, WD_ESYSTEM, (struct wd_place){ .file = r->tree->document->name },
                       "no memory to read it; give the process more memory");
    if (p->error == YAML_READER_ERROR) {
        size_t off = r->from + p->problem_offset, len = r->tree->document->text.len;
        return wd_tree_fail(r->tree, off < len ? off : len,
                            "%s; remove the character, or write it as an escape in double quotes", problem);
    }
    size_t off = offset_of(r, p->problem_mark);
    if (p->context && p->context_mark.line != p->problem_mark.line)
        return wd_tree_fail(r->tree, off, "%s, %s that starts on line %zu; %s", problem, p->context,
                            p->context_mark.line + 1, remedy_for(problem));
    return wd_tree_fail(r->tree, off, "%s; %s", problem, remedy_for(problem));
}

static int read_events(struct reader *r)
{
    while (!r->is_done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event))
            return fail_syntax(r);
        int rc = on_event(r, &event);
        yaml_event_delete(&event);
        TRY(rc);
    }
    return WD_OK;
}

int wd_yaml_document(struct wd_tree *tree, size_t from)
{
    struct wd_bytes text = tree->document->text;
    struct reader r = { .tree = tree, .from = from, .from_characters = from ? 1 : 0, .last_end = from };
    if (!yaml_parser_initialize(&r.parser))
        return wd_fail(tree->err, WD_ESYSTEM, (struct wd_place){ .file = tree->document->name },
                       "no memory to read it; give the process more memory");
    r.names = wd_map_open();
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, text.at + from, text.len - from);
    int rc = read_events(&r);
    yaml_parser_delete(&r.parser);
    wd_map_close(r.names);
    wd_free(r.anchors);
    wd_free(r.open);
    return rc;
}
