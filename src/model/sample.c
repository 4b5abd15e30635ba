#include "model/sample.h"

#include "base/arena.h"

struct wd_sample *wd_sample_open(enum wd_samples what)
{
    if (what == WD_SAMPLES_NONE)
        return NULL;
    struct wd_sample *sample = wd_alloc(sizeof *sample);
    sample->formats = WD_STRING_FORMATS_ALL;
    if (what == WD_SAMPLES_WORDS)
        sample->words = wd_alloc(WD_SAMPLE_WORDS * sizeof *sample->words);
    else
        sample->is_over = true;
    return sample;
}

void wd_sample_close(struct wd_sample *sample)
{
    if (sample)
        wd_free(sample->words);
    wd_free(sample);
}

/* A letter first, then what names of states are made of: "warn", "in-progress", "order.filled". */
static bool is_word(struct wd_bytes text)
{
    if (!text.len || text.len > WD_SAMPLE_WORD)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.')))
            return false;
    }
    return true;
}

static struct wd_bytes word_at(const struct wd_sample *s, size_t i)
{
    return wd_bytes_at(s->words[i].text, s->words[i].len);
}

static void take_word(struct wd_sample *s, struct wd_bytes text)
{
    size_t at = 0;
    if (s->is_over)
        return;
    while (at < s->word_count && wd_bytes_cmp(word_at(s, at), text) < 0)
        at++;
    if (at < s->word_count && wd_bytes_eq(word_at(s, at), text))
        return;
    s->is_over = !is_word(text) || s->word_count == WD_SAMPLE_WORDS;
    if (s->is_over)
        return;
    memmove(&s->words[at + 1], &s->words[at], (s->word_count - at) * sizeof *s->words);
    s->words[at].len = (uint8_t)text.len;
    memcpy(s->words[at].text, text.at, text.len);
    s->word_count++;
}

/* By its digits where the codec read them, else it has too many of them. */
static bool is_wide(const struct wd_field *f)
{
    uint64_t value = f->mantissa;
    if (!(f->flags & WD_FIELD_DECIMAL))
        return true;
    for (int32_t e = f->exponent; e > 0 && value; e--)
        if (__builtin_mul_overflow(value, 10, &value))
            return true;
    return value > INT64_MAX;
}

void wd_sample_take(struct wd_sample *s, const struct wd_field *f, struct wd_bytes text)
{
    if (f->type == WD_TYPE_STRING) {
        if (s->formats)
            s->formats &= (uint8_t)wd_string_formats_of(text);
        take_word(s, text);
    } else if (f->type == WD_TYPE_INTEGER || f->type == WD_TYPE_NUMBER) {
        s->has_negative |=
            f->flags & WD_FIELD_NEGATIVE || (!(f->flags & WD_FIELD_BINARY) && text.len && text.at[0] == '-');
        s->is_wide |= f->type == WD_TYPE_INTEGER && is_wide(f);
    }
}

void wd_sample_merge(struct wd_sample **into, const struct wd_sample *from)
{
    struct wd_sample *s = *into;
    if (!s || !from) {
        wd_sample_close(s);
        *into = NULL;
        return;
    }
    s->has_negative |= from->has_negative;
    s->is_wide |= from->is_wide;
    s->formats &= from->formats;
    for (size_t i = 0; i < from->word_count; i++)
        take_word(s, word_at(from, i));
    s->is_over |= from->is_over;
}

struct wd_sample *wd_sample_copy(const struct wd_sample *sample)
{
    if (!sample)
        return NULL;
    struct wd_sample *copy = wd_sample_open(sample->words ? WD_SAMPLES_WORDS : WD_SAMPLES_KINDS);
    struct wd_sample_word *words = copy->words;
    *copy = *sample;
    copy->words = words;
    for (size_t i = 0; i < sample->word_count; i++)
        words[i] = sample->words[i];
    return copy;
}
