/* base/shape_words.c - names, prose, and JSON inside a string. */
#include "base/shape_rule.h"

struct prose { size_t words, bytes, letters, capitals, particles; bool is_plain; };

/* A word as names have them: letters, apostrophes, dashes, dots; begins with a letter. */
static void take_word(struct wd_bytes word, struct prose *p)
{
    uint32_t first = wd_byte_class[word.at[0]], seen = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint32_t class = wd_byte_class[word.at[i]];
        seen |= class;
        p->letters += (class & (C_ALPHA | C_HIGH)) != 0;
    }
    p->words++;
    p->bytes += word.len;
    p->is_plain &= !(seen & ~(uint32_t)(C_ALPHA | C_HIGH | C_QUOTE | C_DASH | C_DOT));
    p->capitals += (first & (C_BIG | C_HIGH)) != 0;
    p->particles += (first & C_SMALL) && word.len <= 3;   /* von, de, la, bin */
}

/* Stops after enough words to know: prose can be long. */
static struct prose read_prose(struct wd_bytes text)
{
    struct prose p = { .is_plain = true };
    for (size_t off = 0; off < text.len && p.words < 12;) {
        size_t run = wd_run(text, off, C_ANY & ~(C_SPACE | C_BREAK));
        if (run)
            take_word(wd_bytes_at(text.at + off, run), &p);
        off += run ? run : 1;
    }
    return p;
}

/* Characters of three UTF-8 bytes from U+3040 on: kana, ideographs, hangul. */
static size_t ideographs(struct wd_bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] >= 0xe3 && text.at[i] <= 0xed;
    return count;
}

static uint64_t unspaced_shapes(const struct wd_value *v)
{
    if (!(v->seen & C_HIGH))
        return 0;
    size_t count = ideographs(v->text);
    if (count >= 10 && count * 3 * 10 >= v->text.len * 6)
        return SHAPE(FREE_TEXT);
    return count >= 2 && count <= 6 && count * 3 == v->text.len ? SHAPE(WORDS) : 0;
}

uint64_t wd_shape_words(const struct wd_value *v)
{
    if (!(v->seen & C_SPACE))
        return unspaced_shapes(v);
    struct wd_bytes text = v->text;
    struct prose p = read_prose(text);
    bool ends_well = text.at[text.len - 1] != ' ';
    bool is_named = p.is_plain && p.words >= 2 && p.words <= 4 && text.len <= 64 && ends_well &&
                    p.capitals >= 2 && p.capitals + p.particles == p.words && !(v->seen & C_BREAK);
    bool is_prose = p.words >= 4 && p.letters * 10 >= p.bytes * 7;
    return (is_named ? SHAPE(WORDS) : 0) | (is_prose ? SHAPE(FREE_TEXT) : 0)
           | (!is_prose ? unspaced_shapes(v) & SHAPE(FREE_TEXT) : 0);
}

static size_t skip_blanks(struct wd_bytes text, size_t off)
{
    return off + wd_run(text, off, C_SPACE | C_BREAK);
}

/* Brackets that close, outside strings; which bracket closes which is left to a parser. */
static bool brackets_close(struct wd_bytes text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && (depth-- == 1 || depth > text.len)) {
            return depth == 0 && skip_blanks(text, i + 1) == text.len;
        }
    }
    return false;
}

uint64_t wd_shape_json(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t off = skip_blanks(text, 1);
    if (off == text.len)
        return 0;
    uint8_t next = text.at[off];
    bool begins = text.at[0] == '{' ? next == '"' || next == '}'
                : text.at[0] == '[' && (wd_is_class(next, C_DIGIT) || (next && strchr("{[\"-tfn]", next)));
    return begins && brackets_close(text) ? SHAPE(JSON_TEXT) : 0;
}
