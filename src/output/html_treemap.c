/* output/html_treemap.c - where the bytes go: area = bytes; message, then verdict, then field.
 *
 *     +--------- metrics -------------------+-- alert --+     Fields of one verdict lie together, so that the
 *     | unread . . . . . . | needed         |           |     share that nobody needs is seen as one surface.
 *     |  token  | owner... |  cpu | disks   |           |
 *     +-------------------------------------+-----------+
 *
 * Source  Bruls, Huizing, van Wijk: Squarified Treemaps (2000).
 */
#include "output/html_part.h"

#include <stdio.h>
#include <stdlib.h>

struct box { double x, y, w, h; };

/* One rectangle to be: its weight, and where it came from. */
struct tile {
    double weight;
    size_t index;
    struct box box;
};

#define GLYPH 7.2   /* widest average glyph of a system font at 12 px */

enum { MERGED = 1000000000 };   /* index of the tile that stands for all that are too small to show */

static int by_weight(const void *a, const void *b)
{
    const struct tile *x = a, *y = b;
    if (x->weight != y->weight)
        return (x->weight < y->weight) - (x->weight > y->weight);
    return (x->index > y->index) - (x->index < y->index);
}

/* The worst aspect ratio in a strip of `sum` area along a side, given its smallest and largest tile. */
static double worst(double smallest, double largest, double sum, double side)
{
    double a = side * side * largest / (sum * sum), b = sum * sum / (side * side * smallest);
    return a > b ? a : b;
}

/* How many of the tiles make the best strip along the shorter side. */
static size_t strip_of(const struct tile *tiles, size_t count, double scale, double side, double *sum)
{
    size_t n = 1;
    *sum = tiles[0].weight * scale;
    double now = worst(*sum, *sum, *sum, side);
    while (n < count) {
        double area = tiles[n].weight * scale;
        double next = worst(area, tiles[0].weight * scale, *sum + area, side);
        if (next > now)
            break;
        now = next;
        *sum += area;
        n++;
    }
    return n;
}

static void place_strip(struct tile *tiles, size_t n, double scale, double sum, struct box *rest)
{
    bool is_column = rest->w >= rest->h;
    double depth = sum / (is_column ? rest->h : rest->w), at = is_column ? rest->y : rest->x;
    for (size_t i = 0; i < n; i++) {
        double length = tiles[i].weight * scale / depth;
        struct box column = { rest->x, at, depth, length }, row = { at, rest->y, length, depth };
        tiles[i].box = is_column ? column : row;
        at += length;
    }
    if (is_column) {
        rest->x += depth;
        rest->w -= depth;
    } else {
        rest->y += depth;
        rest->h -= depth;
    }
}

/* Tiles fill the box, each with area in proportion to its weight; all weights are above 0. */
static void squarify(struct tile *tiles, size_t count, struct box box)
{
    double weight = 0;
    for (size_t i = 0; i < count; i++)
        weight += tiles[i].weight;
    qsort(tiles, count, sizeof *tiles, by_weight);
    double scale = box.w * box.h / weight;
    for (size_t i = 0; i < count;) {
        double side = box.w < box.h ? box.w : box.h, sum;
        if (side < 0.01) {  /* rounding ate the rest: nothing that could be seen */
            for (; i < count; i++)
                tiles[i].box = (struct box){ box.x, box.y, 0, 0 };
            break;
        }
        size_t n = strip_of(tiles + i, count - i, scale, side, &sum);
        place_strip(tiles + i, n, scale, sum, &box);
        i += n;
    }
}

/* Tiles below `floor` become one at the end; *merged counts them. */
static size_t merge_small(struct tile *tiles, size_t count, double floor, size_t *merged)
{
    size_t kept = 0;
    double rest = 0;
    *merged = 0;
    for (size_t i = 0; i < count; i++) {
        if (tiles[i].weight >= floor) {
            tiles[kept++] = tiles[i];
        } else {
            rest += tiles[i].weight;
            *merged += 1;
        }
    }
    if (*merged)
        tiles[kept++] = (struct tile){ .weight = rest, .index = MERGED };
    return kept;
}

/* What one drawing is made for: the whole width of a page, or a telephone. */
struct canvas {
    struct wd_html *h;
    const char *css;
    double width, height;
    double floor;      /* bytes of the smallest cell */
};

static void put_rect(struct wd_html *h, struct box b, const char *attributes)
{
    wd_html_puts(h, "<rect");
    wd_html_number_of(h, "x", b.x);
    wd_html_number_of(h, "y", b.y);
    wd_html_number_of(h, "width", b.w);
    wd_html_number_of(h, "height", b.h);
    wd_buf_printf(h->out, " %s/>", attributes);
}

/* A name that loses its middle needs a few letters on both sides to say anything. */
enum { COLUMNS_MIN = 8 };

/* False when there is no room for it. */
static bool put_label(struct wd_html *h, double x, double y, const char *css, struct wd_bytes text,
                      double room)
{
    size_t columns = (size_t)(room / GLYPH);
    struct wd_buf shown = { 0 };
    wd_put_terminal(&shown, text);
    bool fits = wd_columns(wd_buf_bytes(&shown)) <= columns, is_shown = fits || columns >= COLUMNS_MIN;
    wd_buf_reset(&shown);
    wd_put_terminal_fit(&shown, text, columns);
    if (is_shown) {
        wd_buf_printf(h->out, "<text class=\"%s\"", css);
        wd_html_number_of(h, "x", x);
        wd_html_number_of(h, "y", y);
        wd_html_puts(h, ">");
        wd_put_html(h->out, wd_buf_bytes(&shown));
        wd_html_puts(h, "</text>");
    }
    wd_buf_free(&shown);
    return is_shown;
}

static void put_cell_figure(struct wd_html *h, struct box b, double bytes)
{
    wd_html_puts(h, "<text class=\"sub\"");
    wd_html_number_of(h, "x", b.x + 5);
    wd_html_number_of(h, "y", b.y + 29);
    wd_html_puts(h, ">");
    wd_html_percent(h, bytes, (double)h->profile->payload_bytes);
    wd_html_puts(h, "</text>");
}

static void put_title(struct wd_html *h, const struct wd_type_profile *t, const struct wd_row *row,
                      enum wd_verdict v, struct wd_bytes personal)
{
    double bytes = (double)wd_row_bytes(row);
    wd_html_puts(h, "<title>");
    wd_html_text(h, t->name);
    wd_html_puts(h, " \u203a ");
    wd_html_text(h, wd_bytes_is(row->path, ".") ? wd_bytes_of("braces and blanks of the whole message")
                                                : row->path);
    wd_html_puts(h, "\n");
    wd_html_count(h, (uint64_t)bytes);
    wd_html_puts(h, " B, ");
    wd_html_percent(h, bytes, (double)h->profile->payload_bytes);
    wd_html_puts(h, " of the payload, ");
    wd_html_fixed(h, bytes / (double)(t->count ? t->count : 1), 0);
    wd_html_puts(h, " B a message\n");
    if (row->compared) {
        wd_html_puts(h, "changes: ");
        wd_html_changes(h, row);
        wd_html_puts(h, "\n");
    }
    wd_html_puts(h, wd_html_verdicts[v].label);
    if (personal.len) {
        wd_html_puts(h, ", ");
        wd_html_text(h, personal);
    }
    wd_html_puts(h, "</title>");
}

static void put_surface(struct wd_html *h, struct box b, enum wd_verdict v)
{
    char attributes[64];
    snprintf(attributes, sizeof attributes, "class=\"cell f-%s\"", wd_html_verdicts[v].css);
    put_rect(h, b, attributes);
    if (v == WD_VERDICT_NEEDED)
        return;
    snprintf(attributes, sizeof attributes, "fill=\"url(#p-%s)\"", wd_html_verdicts[v].css);
    put_rect(h, b, attributes);
}

/* The last part of a path says most in little room. */
static struct wd_bytes short_name(struct wd_bytes path, double room)
{
    if ((double)path.len * GLYPH <= room)
        return path;
    size_t i = path.len;
    while (i > 0 && path.at[i - 1] != '.')
        i--;
    return i > 0 && i < path.len ? wd_bytes_at(path.at + i, path.len - i) : path;
}

static void put_field(struct canvas *c, const struct tile *tile, size_t type, enum wd_verdict v,
                      size_t merged)
{
    struct wd_html *h = c->h;
    const struct wd_type_profile *t = &h->profile->types[type];
    struct box b = tile->box;
    struct wd_bytes name;
    wd_html_puts(h, "<g>");
    if (tile->index == MERGED) {
        name = wd_arena_printf(h->arena, "%zu small", merged);
        wd_html_puts(h, "<title>");
        wd_html_text(h, t->name);
        wd_html_puts(h, " \u203a ");
        wd_html_plural(h, merged, "small field", "small fields");
        wd_html_puts(h, ", together ");
        wd_html_bytes(h, tile->weight);
        wd_buf_printf(h->out, "\n%s</title>", wd_html_verdicts[v].label);
    } else {
        const struct wd_row *row = &t->rows[tile->index];
        name = wd_bytes_is(row->path, ".") ? wd_bytes_of("{ }") : row->path;
        put_title(h, t, row, v, wd_html_personal(h, type, tile->index));
    }
    put_surface(h, b, v);
    wd_buf_printf(h->out, "<g class=\"t-%s\">", wd_html_verdicts[v].css);
    bool is_named = b.w >= 34 && b.h >= 18 &&
                    put_label(h, b.x + 5, b.y + 14, "name", short_name(name, b.w - 10), b.w - 10);
    if (is_named && b.w >= 52 && b.h >= 34)
        put_cell_figure(h, b, tile->weight);
    wd_html_puts(h, "</g></g>\n");
}

static void draw_verdict(struct canvas *c, size_t type, enum wd_verdict v, struct box box)
{
    struct wd_html *h = c->h;
    const struct wd_type_profile *t = &h->profile->types[type];
    struct tile *tiles = wd_arena_array(h->arena, struct tile, t->row_count + 1);
    size_t count = 0, merged;
    for (size_t r = 0; r < t->row_count; r++)
        if (wd_html_verdict(h, type, r) == v && wd_row_bytes(&t->rows[r]))
            tiles[count++] = (struct tile){ .weight = (double)wd_row_bytes(&t->rows[r]), .index = r };
    count = merge_small(tiles, count, c->floor, &merged);
    squarify(tiles, count, box);
    for (size_t i = 0; i < count; i++)
        put_field(c, &tiles[i], type, v, merged);
}

static void draw_type(struct canvas *c, size_t type, struct box box)
{
    struct wd_html *h = c->h;
    const struct wd_type_profile *t = &h->profile->types[type];
    struct tile tiles[WD_VERDICT_COUNT] = { 0 };
    double sums[WD_VERDICT_COUNT] = { 0 };
    size_t count = 0;
    for (size_t r = 0; r < t->row_count; r++)
        sums[wd_html_verdict(h, type, r)] += (double)wd_row_bytes(&t->rows[r]);
    for (size_t v = 0; v < WD_VERDICT_COUNT; v++)
        if (sums[v] > 0)
            tiles[count++] = (struct tile){ .weight = sums[v], .index = v };
    bool has_head = box.w >= 60 && box.h >= 60;
    if (has_head) {
        put_label(h, box.x + 2, box.y + 13, "head", t->name, box.w - 8);
        box.y += 18;
        box.h -= 18;
    }
    squarify(tiles, count, box);
    for (size_t i = 0; i < count; i++)
        draw_verdict(c, type, (enum wd_verdict)tiles[i].index, tiles[i].box);
}

static void draw_merged_types(struct canvas *c, struct box box, double bytes, size_t merged)
{
    struct wd_html *h = c->h;
    wd_html_puts(h, "<g><title>");
    wd_html_plural(h, merged, "small message", "small messages");
    wd_html_puts(h, ", together ");
    wd_html_bytes(h, bytes);
    wd_html_puts(h, "</title>");
    put_rect(h, box, "class=\"cell rest\"");
    if (box.w >= 34 && box.h >= 18)
        put_label(h, box.x + 4, box.y + 13, "name", wd_arena_printf(h->arena, "%zu more", merged), box.w - 6);
    wd_html_puts(h, "</g>\n");
}

static double bytes_of(const struct wd_html *h, size_t type)
{
    return (double)h->profile->types[type].payload_bytes;
}

static void draw(struct canvas *c)
{
    struct wd_html *h = c->h;
    struct tile *tiles = wd_arena_array(h->arena, struct tile, h->profile->type_count + 1);
    size_t count = 0, merged;
    for (size_t t = 0; t < h->profile->type_count; t++)
        if (bytes_of(h, t) > 0)
            tiles[count++] = (struct tile){ .weight = bytes_of(h, t), .index = t };
    count = merge_small(tiles, count, c->floor * 2, &merged);
    squarify(tiles, count, (struct box){ 0, 0, c->width, c->height });
    wd_buf_printf(h->out,
                  "<svg class=\"map %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Treemap of payload "
                  "bytes by message, "
                  "verdict and field; the ledger holds the same figures as tables\">\n",
                  c->css, (int)c->width, (int)c->height);
    for (size_t i = 0; i < count; i++) {
        if (tiles[i].index == MERGED)
            draw_merged_types(c, tiles[i].box, tiles[i].weight, merged);
        else
            draw_type(c, tiles[i].index, tiles[i].box);
    }
    wd_html_puts(h, "</svg>\n");
}

void wd_html_treemap(struct wd_html *h)
{
    if (!h->profile || h->profile->payload_bytes == 0) {
        wd_html_empty(
            h, "There is nothing to draw: no payload byte was measured.",
            "Give a capture of the running system, where it is not encrypted, for instance <code>tcpdump "
            "-i any -w live.pcap port 8080</code>.");
        return;
    }
    wd_html_puts(h, "<p>Each cell is a field, as large as its share of the payload: keys, values and "
                    "punctuation. Cells of one "
                    "verdict lie together. Hold the pointer over a cell for its figures; the <a "
                    "href=\"#ledger\">ledger</a> "
                    "lists the same figures.</p>\n<figure>\n");
    double payload = (double)h->profile->payload_bytes;
    struct canvas wide = { h, "at-wide", 1040, 560, payload * 0.0012 };
    struct canvas narrow = { h, "at-narrow", 360, 560, payload * 0.004 };
    draw(&wide);
    draw(&narrow);
    wd_html_legend(h, false);
    wd_html_puts(h, "</figure>\n");
}
