#include "stream/keylog.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"

/* A label, a random and a secret with the blanks between them are shorter. */
enum { LINE_MOST = 512, SOURCES_MOST = 255, READ_BYTES = 1 << 16 };

struct wd_keylog {
    uint64_t limit;
    struct wd_map *places;       /* kind and random -> secret + 1 */
    struct wd_secret *secrets;
    size_t count, cap;
    struct wd_map *missed;       /* random -> 1; 2 once it came after all */
    uint64_t late;
    bool is_full;
    struct wd_keylog_source *sources;
    size_t source_count, source_cap, current;
    uint8_t line[LINE_MOST];     /* the start of one that is split over two pieces */
    size_t line_len;
    bool is_overlong;
};

enum { NO_KIND = -1, RSA_LINE = -2 };

static const struct label { const char *name; int kind; } labels[] = {
    { "CLIENT_RANDOM", WD_SECRET_MASTER },
    { "CLIENT_EARLY_TRAFFIC_SECRET", WD_SECRET_CLIENT_EARLY },
    { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", WD_SECRET_CLIENT_HANDSHAKE },
    { "SERVER_HANDSHAKE_TRAFFIC_SECRET", WD_SECRET_SERVER_HANDSHAKE },
    { "CLIENT_TRAFFIC_SECRET_0", WD_SECRET_CLIENT_TRAFFIC },
    { "SERVER_TRAFFIC_SECRET_0", WD_SECRET_SERVER_TRAFFIC },
    { "RSA", RSA_LINE },
};

struct wd_keylog *wd_keylog_open(const struct wd_limits *limits)
{
    struct wd_keylog *log = wd_alloc(sizeof *log);
    log->limit = limits->secrets;
    log->places = wd_map_open();
    log->missed = wd_map_open();
    return log;
}

static void wipe(void *at, size_t len)
{
    if (len)
        OPENSSL_cleanse(at, len);
}

void wd_keylog_free(struct wd_keylog *log)
{
    if (!log)
        return;
    wipe(log->secrets, log->cap * sizeof *log->secrets);
    wd_free(log->secrets);
    wd_map_close(log->places);
    wd_map_close(log->missed);
    wd_free(log->sources);
    wipe(log, sizeof *log);
    wd_free(log);
}

void wd_keylog_begin(struct wd_keylog *log, const char *name, bool is_capture)
{
    log->line_len = 0;
    log->is_overlong = false;
    for (size_t i = 0; i < log->source_count; i++) {
        if (log->sources[i].is_capture && is_capture && strcmp(log->sources[i].name, name) == 0) {
            log->current = i;
            return;
        }
    }
    if (log->source_count == SOURCES_MOST)
        return;
    log->current = log->source_count;
    WD_GROW(log->sources, log->source_count, log->source_cap);
    log->sources[log->source_count++] = (struct wd_keylog_source){ .name = name, .is_capture = is_capture };
}

static struct wd_keylog_source *current(struct wd_keylog *log)
{
    return &log->sources[log->current];
}

/* --- lines --- */

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct wd_bytes text, uint8_t *out)
{
    for (size_t i = 0; i + 1 < text.len; i += 2) {
        int high = digit(text.at[i]), low = digit(text.at[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return text.len % 2 == 0;
}

static struct wd_bytes next_word(struct wd_bytes *line)
{
    const uint8_t *space = line->len ? memchr(line->at, ' ', line->len) : NULL;
    struct wd_bytes word = { line->at, space ? (size_t)(space - line->at) : line->len };
    size_t used = word.len + !!space;
    *line = (struct wd_bytes){ line->at + used, line->len - used };
    return word;
}

/* Labels that are known, those that are not of use here, and what no key log would say. */
static int kind_of(struct wd_bytes label, bool *is_label)
{
    *is_label = label.len > 0;
    for (size_t i = 0; i < label.len; i++) {
        uint8_t c = label.at[i];
        *is_label &= (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    for (size_t i = 0; i < WD_COUNT(labels); i++)
        if (wd_bytes_is(label, labels[i].name))
            return labels[i].kind;
    return NO_KIND;
}

/* Growing leaves no copy behind. */
static struct wd_secret *new_secret(struct wd_keylog *log)
{
    if (log->count == log->cap) {
        size_t cap = log->cap ? log->cap * 2 : 16;
        struct wd_secret *larger = wd_alloc(cap * sizeof *larger);
        if (log->count)
            memcpy(larger, log->secrets, log->count * sizeof *larger);
        wipe(log->secrets, log->count * sizeof *larger);
        wd_free(log->secrets);
        log->secrets = larger;
        log->cap = cap;
    }
    return &log->secrets[log->count++];
}

struct place { uint8_t bytes[1 + WD_RANDOM_BYTES]; };

static struct place place_of(enum wd_secret_kind kind, const uint8_t *random)
{
    struct place place = { { (uint8_t)kind } };
    memcpy(place.bytes + 1, random, WD_RANDOM_BYTES);
    return place;
}

static void keep(struct wd_keylog *log, enum wd_secret_kind kind, const uint8_t *random, const uint8_t *bytes,
                 size_t len)
{
    struct place place = place_of(kind, random);
    struct wd_bytes key = wd_bytes_at(place.bytes, sizeof place.bytes);
    uint64_t *at = wd_map_get(log->places, key);
    if (!at && log->count >= log->limit) {
        log->is_full = true;
        return;
    }
    if (!at) {
        new_secret(log);
        at = wd_map_put(log->places, key, NULL);
        *at = log->count;
    }
    struct wd_secret *secret = &log->secrets[*at - 1];
    wipe(secret, sizeof *secret);
    memcpy(secret->bytes, bytes, len);
    secret->len = (uint8_t)len;
    secret->source = (uint8_t)log->current;
    uint64_t *missed = wd_map_get(log->missed, wd_bytes_at(random, WD_RANDOM_BYTES));
    if (missed && *missed == 1) {
        log->late++;
        *missed = 2;
    }
}

static void read_line(struct wd_keylog *log, struct wd_bytes line)
{
    uint8_t random[WD_RANDOM_BYTES], bytes[WD_SECRET_MOST];
    struct wd_keylog_source *source = current(log);
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0 || line.at[0] == '#')
        return;
    bool is_label;
    int kind = kind_of(next_word(&line), &is_label);
    source->rsa_lines += kind == RSA_LINE;
    source->bad_lines += !is_label;
    if (kind < 0)
        return;
    struct wd_bytes of = next_word(&line), secret = next_word(&line);
    if (of.len != 2 * sizeof random || secret.len == 0 || secret.len > 2 * sizeof bytes || line.len ||
        !read_hex(of, random) || !read_hex(secret, bytes)) {
        source->bad_lines++;
    } else {
        source->secrets++;
        keep(log, (enum wd_secret_kind)kind, random, bytes, secret.len / 2);
    }
    wipe(bytes, sizeof bytes);
}

static void end_line(struct wd_keylog *log)
{
    if (log->is_overlong)
        current(log)->bad_lines++;
    else
        read_line(log, wd_bytes_at(log->line, log->line_len));
    log->line_len = 0;
    log->is_overlong = false;
}

static void put(struct wd_keylog *log, struct wd_bytes part)
{
    if (part.len > LINE_MOST - log->line_len) {
        log->is_overlong = true;
        return;
    }
    if (part.len)
        memcpy(log->line + log->line_len, part.at, part.len);
    log->line_len += part.len;
}

void wd_keylog_feed(struct wd_keylog *log, struct wd_bytes text)
{
    while (text.len) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;
        put(log, wd_bytes_at(text.at, len));
        if (!end)
            return;
        end_line(log);
        text = wd_bytes_at(text.at + len + 1, text.len - len - 1);
    }
}

void wd_keylog_end(struct wd_keylog *log)
{
    end_line(log);
    wipe(log->line, sizeof log->line);
}

/* --- files --- */

static int read_all(struct wd_keylog *log, int fd, const char *name, struct wd_err *err)
{
    uint8_t *buffer = wd_alloc(READ_BYTES);
    ssize_t n;
    while ((n = read(fd, buffer, READ_BYTES)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            wd_keylog_feed(log, wd_bytes_at(buffer, (size_t)n));
    int why = errno;
    wipe(buffer, READ_BYTES);
    wd_free(buffer);
    errno = why;
    return n < 0 ? wd_fail_input(err, name, "cannot be read") : WD_OK;
}

int wd_keylog_read(struct wd_keylog *log, const char *name, struct wd_err *err)
{
    int fd = wd_file_open(name);
    if (fd < 0)
        return wd_fail_input(err, name, "cannot be opened");
    struct stat st;
    int rc = fstat(fd, &st) < 0 ? wd_fail_input(err, name, "cannot be read") : WD_OK;
    if (rc >= 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IWGRP | S_IWOTH))
        rc = wd_fail(
            err, WD_EPARSE, (struct wd_place){.file = name},
            "others than its owner may write this key log (expected mode 600, found %03o); chmod go-w it",
            (unsigned)st.st_mode & 0777u);
    wd_keylog_begin(log, name, false);
    if (rc >= 0)
        rc = read_all(log, fd, name, err);
    wd_keylog_end(log);
    close(fd);
    return rc;
}

/* --- questions --- */

bool wd_keylog_find(struct wd_keylog *log, enum wd_secret_kind kind, const uint8_t random[WD_RANDOM_BYTES],
                    struct wd_secret *out)
{
    struct place place = place_of(kind, random);
    const uint64_t *at = wd_map_get(log->places, wd_bytes_at(place.bytes, sizeof place.bytes));
    if (at)
        *out = log->secrets[*at - 1];
    return at != NULL;
}

void wd_keylog_missed(struct wd_keylog *log, const uint8_t random[WD_RANDOM_BYTES])
{
    if (wd_map_count(log->missed) < log->limit)
        *wd_map_put(log->missed, wd_bytes_at(random, WD_RANDOM_BYTES), NULL) = 1;
}

uint64_t wd_keylog_late(const struct wd_keylog *log)
{
    return log->late;
}

bool wd_keylog_is_full(const struct wd_keylog *log)
{
    return log->is_full;
}

size_t wd_keylog_sources(const struct wd_keylog *log)
{
    return log->source_count;
}

struct wd_keylog_source *wd_keylog_source(struct wd_keylog *log, size_t i)
{
    return &log->sources[i];
}
