/* RFC 8259, strictly: no comments, no trailing commas, no bare words, nothing after the value.
 *
 *     { "name" : value , ... }     [ value , ... ]     "text"     -12.5e+3     true false null
 *     |  key_span                                      escapes of section 7; half a surrogate pair
 *     span runs to the matching bracket                is refused, since no UTF-8 text can hold it
 */
#include "document/tree.h"

#include "base/escape.h"

struct json {
    struct wd_tree *tree;
    struct wd_bytes text;
    size_t off;
};

static int peek(const struct json *j)
{
    return j->off < j->text.len ? j->text.at[j->off] : -1;
}

static void skip_space(struct json *j)
{
    int c;
    while ((c = peek(j)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        j->off++;
}

static int fail_expected(struct json *j, const char *what, const char *remedy)
{
    struct wd_shown shown;
    if (peek(j) < 0)
        return wd_tree_fail(
            j->tree, j->off,
            "expected %s, found the end of the file; the file is cut short or a bracket is open", what);
    size_t next = j->off;
    wd_utf8_next(j->text, &next);
    return wd_tree_fail(j->tree, j->off, "expected %s, found '%s'; %s", what,
                        wd_show(&shown, wd_bytes_at(j->text.at + j->off, next - j->off)), remedy);
}

static int read_hex4(struct json *j, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, j->off++) {
        int c = peek(j);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return fail_expected(j, "four hexadecimal digits", "write \\u00e9, or the character itself");
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return WD_OK;
}

static uint8_t *put_utf8(uint8_t *at, uint32_t c)
{
    if (c < 0x80) {
        *at++ = (uint8_t)c;
    } else if (c < 0x800) {
        *at++ = (uint8_t)(0xc0 | c >> 6);
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *at++ = (uint8_t)(0xe0 | c >> 12);
        *at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    } else {
        *at++ = (uint8_t)(0xf0 | c >> 18);
        *at++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    }
    return at;
}

/* After `\u`: one character, or a surrogate pair. */
static int read_unicode(struct json *j, size_t start, uint32_t *out)
{
    uint32_t high = 0, low = 0;
    TRY(read_hex4(j, &high));
    *out = high;
    if (high < 0xd800 || high > 0xdfff)
        return WD_OK;
    if (high < 0xdc00 && j->text.len - j->off >= 2 && j->text.at[j->off] == '\\' &&
        j->text.at[j->off + 1] == 'u') {
        j->off += 2;
        TRY(read_hex4(j, &low));
        if (low >= 0xdc00 && low <= 0xdfff) {
            *out = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return WD_OK;
        }
    }
    return wd_tree_fail(j->tree, start,
                        "half of a surrogate pair; write both halves, or the character itself");
}

static int read_escape(struct json *j, uint8_t **at)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    size_t start = j->off++;
    int c = peek(j);
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (letter) {
        *(*at)++ = (uint8_t)meanings[letter - letters];
        j->off++;
        return WD_OK;
    }
    if (c != 'u')
        return fail_expected(j, "an escape (\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX)",
                             "double the backslash if it is meant literally");
    j->off++;
    uint32_t character;
    TRY(read_unicode(j, start, &character));
    *at = put_utf8(*at, character);
    return WD_OK;
}

/* The closing quote is looked for first, so nothing is allocated that the text does not hold; no escape grows
 * when decoded. */
static int find_quote(struct json *j, size_t *end)
{
    size_t off = j->off + 1;
    while (off < j->text.len && j->text.at[off] != '"')
        off += j->text.at[off] == '\\' ? 2 : 1;
    if (off >= j->text.len)
        return wd_tree_fail(j->tree, j->off, "a string without an end; close it with '\"'");
    *end = off;
    return WD_OK;
}

static int read_string(struct json *j, struct wd_bytes *out, struct wd_span *span)
{
    size_t start = j->off, end = start;
    TRY(find_quote(j, &end));
    uint8_t *text = wd_arena_alloc(j->tree->arena, end - start), *at = text;
    for (j->off++; j->off < end;) {
        uint8_t c = j->text.at[j->off];
        if (c == '\\') {
            TRY(read_escape(j, &at));
        } else if (c < 0x20) {
            return fail_expected(j, "a character or '\"'", "write line breaks as \\n and tabs as \\t");
        } else {
            *at++ = c;
            j->off++;
        }
    }
    j->off = end + 1;
    *span = wd_ruler_span(&j->tree->ruler, start, j->off);
    *out = wd_bytes_at(text, (size_t)(at - text));
    return WD_OK;
}

static size_t skip_digits(struct json *j)
{
    size_t start = j->off;
    while (peek(j) >= '0' && peek(j) <= '9')
        j->off++;
    return j->off - start;
}

static int read_number(struct json *j, struct wd_node *out)
{
    static const char remedy[] = "numbers look like -12.5e3";
    size_t start = j->off;
    out->kind = WD_NODE_INTEGER;
    j->off += peek(j) == '-';
    bool is_zero = peek(j) == '0';
    size_t digits = skip_digits(j);
    if (!digits || (is_zero && digits > 1)) {
        j->off -= digits ? digits - 1 : 0;
        return fail_expected(j, digits ? "the end of the number after 0" : "a digit", remedy);
    }
    if (peek(j) == '.') {
        j->off++;
        out->kind = WD_NODE_NUMBER;
        if (!skip_digits(j))
            return fail_expected(j, "a digit after '.'", remedy);
    }
    if (peek(j) == 'e' || peek(j) == 'E') {
        j->off++;
        out->kind = WD_NODE_NUMBER;
        j->off += peek(j) == '+' || peek(j) == '-';
        if (!skip_digits(j))
            return fail_expected(j, "a digit in the exponent", remedy);
    }
    out->text = wd_arena_copy(j->tree->arena, wd_bytes_at(j->text.at + start, j->off - start));
    out->span = wd_ruler_span(&j->tree->ruler, start, j->off);
    return WD_OK;
}

static int read_word(struct json *j, struct wd_node *out)
{
    static const struct { const char *word; enum wd_node_kind kind; } words[] = {
        { "true", WD_NODE_BOOLEAN }, { "false", WD_NODE_BOOLEAN }, { "null", WD_NODE_NULL },
    };
    struct wd_bytes rest = wd_bytes_at(j->text.at + j->off, j->text.len - j->off);
    for (size_t i = 0; i < WD_COUNT(words); i++) {
        if (!wd_bytes_starts(rest, words[i].word))
            continue;
        out->kind = words[i].kind;
        out->text = wd_bytes_of(words[i].word);
        out->span = wd_ruler_span(&j->tree->ruler, j->off, j->off + out->text.len);
        j->off += out->text.len;
        return WD_OK;
    }
    return fail_expected(j, "a value",
                         peek(j) == ']'   ? "remove the comma before it"
                         : peek(j) == '}' ? "give the key a value"
                                          : "strings need double quotes");
}

static int open_collection(struct json *j)
{
    struct wd_node like = { .kind = peek(j) == '{' ? WD_NODE_MAP : WD_NODE_LIST, .is_flow = true,
                            .span = wd_ruler_span(&j->tree->ruler, j->off, j->off + 1) };
    struct wd_node *node;
    j->off++;
    return wd_tree_open(j->tree, &like, &node);
}

static int read_value(struct json *j)
{
    skip_space(j);
    int c = peek(j);
    if (c == '{' || c == '[')
        return open_collection(j);
    struct wd_node like = { .kind = WD_NODE_STRING, .is_quoted = c == '"' }, *node;
    if (c == '"')
        TRY(read_string(j, &like.text, &like.span));
    else if (c == '-' || (c >= '0' && c <= '9'))
        TRY(read_number(j, &like));
    else
        TRY(read_word(j, &like));
    return wd_tree_add(j->tree, &like, 0, 0, &node);
}

static int read_member(struct json *j)
{
    struct wd_bytes key;
    struct wd_span span;
    skip_space(j);
    if (peek(j) != '"')
        return fail_expected(j, "a key in double quotes",
                             peek(j) == '}' ? "remove the comma before it" : "JSON keys need quotes");
    TRY(read_string(j, &key, &span));
    skip_space(j);
    if (peek(j) != ':')
        return fail_expected(j, "':' after the key", "a member is \"key\": value");
    j->off++;
    TRY(wd_tree_key(j->tree, key, span, false));
    return read_value(j);
}

/* One member or element of the innermost collection, or its end. */
static int read_next(struct json *j)
{
    const struct wd_node *top = wd_tree_top(j->tree)->node;
    bool is_map = top->kind == WD_NODE_MAP;
    skip_space(j);
    if (peek(j) == (is_map ? '}' : ']'))
        return wd_tree_close(j->tree, ++j->off);
    if (top->count) {
        if (peek(j) != ',')
            return fail_expected(j, is_map ? "',' or '}'" : "',' or ']'",
                                 "separate the entries with a comma");
        j->off++;
    }
    return is_map ? read_member(j) : read_value(j);
}

int wd_json_document(struct wd_tree *tree, size_t from)
{
    struct json j = { .tree = tree, .text = tree->document->text, .off = from };
    TRY(read_value(&j));
    while (tree->depth)
        TRY(read_next(&j));
    skip_space(&j);
    if (peek(&j) >= 0)
        return fail_expected(&j, "the end of the file", "one file holds one value");
    return WD_OK;
}
