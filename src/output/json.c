#include "output/json.h"

#include <inttypes.h>

#include "output/figure.h"

static struct wd_json open_scope(struct wd_buf *out, unsigned depth, bool is_laid_out, bool is_list)
{
    wd_buf_byte(out, is_list ? '[' : '{');
    return (struct wd_json){ out, depth, is_laid_out, false, is_list ? ']' : '}' };
}

static void indent(const struct wd_json *in, unsigned depth)
{
    wd_buf_byte(in->out, '\n');
    for (unsigned i = 0; i < depth; i++)
        wd_buf_puts(in->out, "  ");
}

void wd_json_next(struct wd_json *in, const char *key)
{
    if (in->has_any)
        wd_buf_puts(in->out, in->is_laid_out ? "," : ", ");
    in->has_any = true;
    if (in->is_laid_out)
        indent(in, in->depth);
    if (!key)
        return;
    wd_put_json(in->out, wd_bytes_of(key));
    wd_buf_puts(in->out, ": ");
}

struct wd_json wd_json_root(struct wd_buf *out)
{
    return open_scope(out, 1, true, false);
}

struct wd_json wd_json_object(struct wd_json *in, const char *key, bool is_laid_out)
{
    wd_json_next(in, key);
    return open_scope(in->out, in->depth + 1, is_laid_out, false);
}

struct wd_json wd_json_list(struct wd_json *in, const char *key, bool is_laid_out)
{
    wd_json_next(in, key);
    return open_scope(in->out, in->depth + 1, is_laid_out, true);
}

void wd_json_close(struct wd_json *scope)
{
    if (scope->is_laid_out && scope->has_any)
        indent(scope, scope->depth - 1);
    wd_buf_byte(scope->out, (uint8_t)scope->close);
    if (scope->depth == 1)
        wd_buf_byte(scope->out, '\n');
}

void wd_json_count(struct wd_json *in, const char *key, uint64_t n)
{
    wd_json_next(in, key);
    wd_buf_printf(in->out, "%" PRIu64, n);
}

void wd_json_some(struct wd_json *in, const char *key, uint64_t n)
{
    if (n)
        wd_json_count(in, key, n);
}

void wd_json_number(struct wd_json *in, const char *key, double value)
{
    wd_json_next(in, key);
    wd_put_decimal(in->out, value, 6);
}

void wd_json_text(struct wd_json *in, const char *key, struct wd_bytes text)
{
    wd_json_next(in, key);
    wd_put_json(in->out, text);
}

void wd_json_word(struct wd_json *in, const char *key, const char *literal)
{
    wd_json_text(in, key, wd_bytes_of(literal));
}

void wd_json_true(struct wd_json *in, const char *key, bool is_set)
{
    if (!is_set)
        return;
    wd_json_next(in, key);
    wd_buf_puts(in->out, "true");
}

void wd_json_null(struct wd_json *in, const char *key)
{
    wd_json_next(in, key);
    wd_buf_puts(in->out, "null");
}
