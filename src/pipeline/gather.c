#include "pipeline/gather.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/map.h"
#include "pipeline/intake.h"

enum { LOOK_BYTES = 1 << 18, MISSED_NAMED = 3 };

struct item { const char *name; bool has_time; int64_t first_ns; size_t place; };

struct gather {
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_buf *diagnostics;
    uint8_t *buffer;
    struct item *items;
    size_t count, cap;
    struct wd_map *seen;   /* device and inode of the regular files among them */
};

static size_t read_head(const char *name, uint8_t *buffer)
{
    size_t len = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    for (ssize_t n = 1; fd >= 0 && n > 0 && len < LOOK_BYTES; len += n > 0 ? (size_t)n : 0)
        while ((n = read(fd, buffer + len, LOOK_BYTES - len)) < 0 && errno == EINTR)
            ;
    if (fd >= 0)
        close(fd);
    return len;
}

/* Looks into regular files alone: a pipe would not be read again. */
static bool look(struct gather *g, struct item *item)
{
    struct stat st;
    bool is_input = false;
    if (strcmp(item->name, "-") == 0 || stat(item->name, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    size_t len = read_head(item->name, g->buffer);
    item->has_time =
        wd_intake_peek(item->name, wd_bytes_at(g->buffer, len), g->limits, &is_input, &item->first_ns);
    return is_input;
}

/* The same file by whatever name. */
static bool is_again(struct gather *g, const char *name)
{
    struct stat st;
    bool is_new = true;
    if (strcmp(name, "-") == 0 || stat(name, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    const uint64_t file[] = { (uint64_t)st.st_dev, (uint64_t)st.st_ino };
    wd_map_put(g->seen, wd_bytes_at(file, sizeof file), &is_new);
    return !is_new;
}

static void add(struct gather *g, struct item item)
{
    struct wd_shown shown;
    if (is_again(g, item.name)) {
        wd_buf_printf(g->diagnostics, "%s: named more than once; read once\n",
                      wd_show(&shown, wd_bytes_of(item.name)));
        return;
    }
    WD_GROW(g->items, g->count, g->cap);
    item.place = g->count;
    g->items[g->count++] = item;
}

/* --- directories --- */

static int wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct missed { struct wd_buf names; size_t count; };

static void miss(struct missed *missed, const char *name)
{
    if (missed->count++ < MISSED_NAMED) {
        wd_buf_puts(&missed->names, missed->names.len ? ", " : "");
        wd_put_terminal(&missed->names, wd_bytes_of(name));
    }
}

static void note_missed(struct gather *g, const char *directory, struct missed *missed)
{
    struct wd_shown shown;
    if (missed->count)
        wd_buf_printf(g->diagnostics, "%s: skipped %zu file%s that %s no capture (%s%s)\n",
                      wd_show(&shown, wd_bytes_of(directory)), missed->count, missed->count == 1 ? "" : "s",
                      missed->count == 1 ? "is" : "are", wd_buf_cstr(&missed->names),
                      missed->count > MISSED_NAMED ? ", ..." : "");
    wd_buf_free(&missed->names);
}

static int add_directory(struct gather *g, const char *directory, struct wd_err *err)
{
    struct dirent **entries;
    struct missed missed = { { 0 }, 0 };
    size_t found = 0, len = strlen(directory);
    int count = scandir(directory, &entries, wanted, by_bytes);
    if (count < 0)
        return wd_fail_input(err, directory, "cannot be read");
    for (int i = 0; i < count; i++) {
        const char *slash = len && directory[len - 1] == '/' ? "" : "/", *name = entries[i]->d_name;
        struct item item = {
            .name = (const char *)wd_arena_printf(g->arena, "%s%s%s", directory, slash, name).at
        };
        struct stat st;
        if (stat(item.name, &st) == 0 && !S_ISDIR(st.st_mode)) {
            bool is_input = look(g, &item);
            found += is_input;
            if (is_input)
                add(g, item);
            else
                miss(&missed, name);
        }
        free(entries[i]);
    }
    free(entries);
    note_missed(g, directory, &missed);
    if (!found)
        return wd_fail(
            err, WD_EPARSE, (struct wd_place){ .file = directory },
            "holds no capture (pcap, pcapng, HAR or NDJSON); name a directory that does, or files");
    return WD_OK;
}

/* --- the order --- */

static int by_first_packet(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->has_time != y->has_time)
        return x->has_time ? -1 : 1;
    if (x->has_time && x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int add_all(struct gather *g, const char *const *names, size_t count, struct wd_err *err)
{
    struct stat st;
    for (size_t i = 0; i < count; i++) {
        struct item item = { .name = names[i] };
        if (strcmp(names[i], "-") != 0 && stat(names[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            TRY(add_directory(g, names[i], err));
            continue;
        }
        if (count > 1)
            look(g, &item);
        add(g, item);
    }
    return WD_OK;
}

int wd_gather(const char *const *names, size_t count, const struct wd_limits *limits, struct wd_arena *arena,
              struct wd_names *out, struct wd_buf *diagnostics, struct wd_err *err)
{
    struct gather g = {
        .limits = limits, .arena = arena, .diagnostics = diagnostics, .buffer = wd_alloc(LOOK_BYTES),
        .seen = wd_map_open(),
    };
    int rc = add_all(&g, names, count, err);
    if (rc >= 0 && g.count)
        qsort(g.items, g.count, sizeof *g.items, by_first_packet);
    out->at = wd_arena_array(arena, const char *, g.count);
    out->count = g.count;
    for (size_t i = 0; i < g.count; i++)
        out->at[i] = g.items[i].name;
    wd_map_close(g.seen);
    wd_free(g.items);
    wd_free(g.buffer);
    return rc;
}
