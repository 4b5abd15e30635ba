/* output/text_tls.c - TLS of which something stayed closed: what it looks like from outside. */
#include "output/text.h"

static void put_from(struct wd_buf *out, const struct wd_tls_kind *kind, const char *who, int direction)
{
    wd_put_plural(out, kind->records[direction], "record", "records");
    wd_buf_printf(out, " from %s with ", who);
    wd_put_size(out, kind->data_bytes[direction]);
}

static void put_kind(struct wd_page *page, const struct wd_tls_kind *kind)
{
    struct wd_buf *cell = wd_page_cell(page);
    wd_page_to(page, 2);
    wd_buf_printf(cell, "TLS %s ", wd_tls_version_name(kind->version));
    wd_suite_name(kind->suite, cell);
    wd_buf_puts(cell, ": ");
    wd_put_plural(cell, kind->connections, "connection", "connections");
    wd_buf_puts(cell, " (");
    wd_put_count(cell, kind->decrypted);
    wd_buf_puts(cell, " decrypted), ");
    put_from(cell, kind, "clients", 0);
    wd_buf_puts(cell, ", ");
    put_from(cell, kind, "servers", 1);
    wd_buf_puts(cell, ", over ");
    wd_put_duration(cell, kind->last_ns - kind->first_ns);
    wd_page_wrap(page, WD_TINT_PLAIN, 4);
    wd_page_end(page);
}

static void put_servers(struct wd_page *page, const struct wd_profile *p)
{
    enum { COUNT_ROOM = 22 };
    size_t room = page->width > 2 * COUNT_ROOM ? page->width - COUNT_ROOM - 2 : COUNT_ROOM;
    wd_page_put(page, WD_TINT_STRONG, "Servers, by the names that TLS asks for");
    wd_page_end(page);
    for (size_t i = 0; i < p->server_name_count; i++) {
        wd_page_to(page, 2);
        wd_page_name(page, WD_TINT_PLAIN, p->server_names[i].name, room);
        wd_page_to(page, page->column + 2);
        wd_put_plural(wd_page_cell(page), p->server_names[i].connections, "connection", "connections");
        wd_page_left(page, WD_TINT_FAINT);
        wd_page_end(page);
    }
    wd_page_end(page);
}

void wd_text_tls(struct wd_page *page, const struct wd_profile *profile)
{
    const struct wd_tls_counts *tls = &profile->tls;
    if (profile->server_name_count)
        put_servers(page, profile);
    if (tls->decrypted == tls->connections)
        return;
    wd_page_put(page, WD_TINT_STRONG, "Encrypted, as far as it can be seen from outside");
    wd_page_end(page);
    for (size_t i = 0; i < tls->kind_count; i++)
        if (tls->kinds[i].decrypted < tls->kinds[i].connections)
            put_kind(page, &tls->kinds[i]);
    wd_page_end(page);
}
