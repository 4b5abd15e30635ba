#include "output/markdown.h"

void wd_markdown_head(struct wd_buf *out, const char *const *titles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wd_buf_printf(out, "| %s ", titles[i][0] == '>' ? titles[i] + 1 : titles[i]);
    wd_markdown_end(out);
    for (size_t i = 0; i < count; i++)
        wd_buf_puts(out, titles[i][0] == '>' ? "| ---: " : "| --- ");
    wd_markdown_end(out);
}

void wd_markdown_code_cell(struct wd_buf *out, struct wd_bytes name)
{
    wd_markdown_cell(out);
    wd_put_markdown_code(out, name);
    wd_buf_byte(out, ' ');
}

void wd_markdown_word_cell(struct wd_buf *out, const char *literal)
{
    wd_buf_printf(out, "| %s ", literal);
}

void wd_markdown_count_cell(struct wd_buf *out, uint64_t n)
{
    wd_markdown_cell(out);
    wd_put_count(out, n);
    wd_buf_byte(out, ' ');
}

void wd_markdown_share_cell(struct wd_buf *out, double share)
{
    struct wd_buf text = { 0 };
    wd_put_share(&text, share);
    wd_markdown_cell(out);
    wd_put_markdown_figure(out, wd_buf_bytes(&text));
    wd_buf_byte(out, ' ');
    wd_buf_free(&text);
}

void wd_markdown_more(struct wd_buf *out, size_t left, const char *how)
{
    if (left)
        wd_buf_printf(out, "\n... and %zu more%s\n", left, how);
}
