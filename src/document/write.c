/* document/write.c - the text of a tree.
 *
 *     key: value                  a scalar
 *     key: { a: 1, b: [x, y] }    is_flow, and it has room
 *     key: [a, b, c,              a list of them that has not
 *       d, e]
 *     # comment
 *     key:                        the rest
 *       a: 1
 *       b:
 *         - x
 *     ? "a key of a thousand bytes"
 *     : value
 */
#include "base/escape.h"
#include "document/make.h"

enum { COLUMNS = 110, LONGEST_KEY = 1000, STEP = 2 };

static bool is_collection(const struct wd_node *node)
{
    return node->kind == WD_NODE_MAP || node->kind == WD_NODE_LIST;
}

/* --- scalars --- */

/* What YAML, of this version or an older one, reads as something else than a string. */
static bool is_taken(struct wd_bytes text)
{
    static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (wd_bytes_is_nocase(text, words[i]))
            return true;
    return false;
}

static bool is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* 3.0.0: a number has one point at most. */
static bool is_version(struct wd_bytes text)
{
    size_t points = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (!is_digit && (text.at[i] != '.' || i == 0 || text.at[i - 1] == '.'))
            return false;
        points += !is_digit;
    }
    return points >= 2;
}

static bool is_plain(struct wd_bytes text)
{
    if (is_version(text))
        return true;
    if (!text.len || is_taken(text) || text.at[text.len - 1] == ' ' ||
        !(is_letter(text.at[0]) || strchr("_/$", text.at[0])) || !text.at[0])
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!c || !(is_letter(c) || (c >= '0' && c <= '9') || strchr("_./$+- ()", c)))
            return false;
    }
    return true;
}

/* What single quotes can hold as it is. */
static bool is_quotable(struct wd_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e || text.at[i] == '\'')
            return false;
    return true;
}

static void put_string(struct wd_buf *out, struct wd_bytes text, bool is_json)
{
    if (!is_json && is_plain(text)) {
        wd_buf_put(out, text);
    } else if (!is_json && is_quotable(text)) {
        wd_buf_byte(out, '\'');
        wd_buf_put(out, text);
        wd_buf_byte(out, '\'');
    } else {
        wd_put_json(out, text);
    }
}

static void put_scalar(struct wd_buf *out, const struct wd_node *node, bool is_json)
{
    if (node->kind == WD_NODE_STRING)
        put_string(out, node->text, is_json);
    else
        wd_buf_put(out, node->text);
}

/* --- one line --- */

void wd_write_flow_member(struct wd_buf *out, const struct wd_node *member, bool is_json)
{
    put_string(out, member->key, is_json);
    wd_buf_puts(out, ": ");
    wd_write_flow(out, member, is_json);
}

void wd_write_flow(struct wd_buf *out, const struct wd_node *node, bool is_json)
{
    if (!is_collection(node)) {
        put_scalar(out, node, is_json);
        return;
    }
    bool is_map = node->kind == WD_NODE_MAP;
    wd_buf_puts(out, is_map ? "{" : "[");
    for (const struct wd_node *n = node->first; n; n = n->next) {
        wd_buf_puts(out, n != node->first ? ", " : is_map ? " " : "");
        if (is_map)
            wd_write_flow_member(out, n, is_json);
        else
            wd_write_flow(out, n, is_json);
    }
    wd_buf_puts(out, !is_map ? "]" : node->count ? " }" : "}");
}

static size_t column_of(const struct wd_buf *out)
{
    size_t line = out->len;
    while (line && out->at[line - 1] != '\n')
        line--;
    return out->len - line;
}

/* Writes it on the line that `out` ends with, when it has room there. */
static bool fits(struct wd_buf *out, const struct wd_node *node, bool is_json)
{
    size_t before = out->len;
    if (node->count && (!node->is_flow || node->count > COLUMNS))
        return false;
    wd_write_flow(out, node, is_json);
    if (!node->count || column_of(out) <= COLUMNS)
        return true;
    out->len = before;
    return false;
}

/* --- filled lines --- */

static void put_blanks(struct wd_buf *out, size_t n)
{
    while (n--)
        wd_buf_byte(out, ' ');
}

static bool is_list_of_scalars(const struct wd_node *node)
{
    if (node->kind != WD_NODE_LIST || !node->is_flow)
        return false;
    for (const struct wd_node *n = node->first; n; n = n->next)
        if (is_collection(n))
            return false;
    return true;
}

static void fill(struct wd_buf *out, const struct wd_node *list, size_t indent, bool is_json)
{
    struct wd_buf entry = { 0 };
    size_t column = column_of(out) + 1;
    wd_buf_byte(out, '[');
    for (const struct wd_node *n = list->first; n; n = n->next) {
        wd_buf_reset(&entry);
        put_scalar(&entry, n, is_json);
        wd_buf_byte(&entry, n->next ? ',' : ']');
        bool breaks = n != list->first && column + 1 + entry.len > COLUMNS;
        if (breaks) {
            wd_buf_byte(out, '\n');
            put_blanks(out, indent);
            column = indent;
        } else if (n != list->first) {
            wd_buf_byte(out, ' ');
            column++;
        }
        wd_buf_put(out, wd_buf_bytes(&entry));
        column += entry.len;
    }
    wd_buf_free(&entry);
}

/* --- YAML in lines --- */

/* Behind a colon or a dash. */
static void put_value(struct wd_buf *out, const struct wd_node *node, size_t indent)
{
    wd_buf_byte(out, ' ');
    if (!is_collection(node)) {
        put_scalar(out, node, false);
        wd_buf_byte(out, '\n');
    } else if (fits(out, node, false)) {
        wd_buf_byte(out, '\n');
    } else if (is_list_of_scalars(node)) {
        fill(out, node, indent + STEP, false);
        wd_buf_byte(out, '\n');
    } else {
        out->at[out->len - 1] = '\n';
        wd_write_yaml(out, node, indent + STEP);
    }
}

void wd_write_yaml_member(struct wd_buf *out, const struct wd_node *member, size_t indent)
{
    bool is_long = member->key.len > LONGEST_KEY;
    if (member->comment.len) {
        put_blanks(out, indent);
        wd_buf_puts(out, "# ");
        wd_buf_put(out, member->comment);
        wd_buf_byte(out, '\n');
    }
    put_blanks(out, indent);
    wd_buf_puts(out, is_long ? "? " : "");
    put_string(out, member->key, false);
    if (is_long) {
        wd_buf_byte(out, '\n');
        put_blanks(out, indent);
    }
    wd_buf_byte(out, ':');
    put_value(out, member, indent);
}

void wd_write_yaml(struct wd_buf *out, const struct wd_node *collection, size_t indent)
{
    for (const struct wd_node *n = collection->first; n; n = n->next) {
        if (collection->kind == WD_NODE_MAP) {
            wd_write_yaml_member(out, n, indent);
            continue;
        }
        put_blanks(out, indent);
        wd_buf_byte(out, '-');
        put_value(out, n, indent);
    }
}

/* --- JSON in lines --- */

void wd_write_json_member(struct wd_buf *out, const struct wd_node *member, size_t indent)
{
    wd_put_json(out, member->key);
    wd_buf_puts(out, ": ");
    wd_write_json(out, member, indent);
}

void wd_write_json(struct wd_buf *out, const struct wd_node *node, size_t indent)
{
    if (!is_collection(node)) {
        put_scalar(out, node, true);
        return;
    }
    if (fits(out, node, true))
        return;
    if (is_list_of_scalars(node)) {
        fill(out, node, indent + STEP, true);
        return;
    }
    bool is_map = node->kind == WD_NODE_MAP;
    wd_buf_puts(out, is_map ? "{\n" : "[\n");
    for (const struct wd_node *n = node->first; n; n = n->next) {
        put_blanks(out, indent + STEP);
        if (is_map)
            wd_write_json_member(out, n, indent + STEP);
        else
            wd_write_json(out, n, indent + STEP);
        wd_buf_puts(out, n->next ? ",\n" : "\n");
    }
    put_blanks(out, indent);
    wd_buf_puts(out, is_map ? "}" : "]");
}
