#include "pipeline/keys.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "packet/capture.h"
#include "packet/unpack.h"
#include "stream/keylog.h"
#include "stream/tls.h"

enum { SEARCH_BYTES = 1 << 16, PCAPNG = 0x0a };

/* --- secrets in captures --- */

static void feed(struct wd_keys *keys, const char *name, struct wd_bytes text)
{
    struct wd_keylog *log = keys->road->keylog;
    wd_keylog_begin(log, name, true);
    wd_keylog_feed(log, text);
    wd_keylog_end(log);
}

/* Pipes cannot be searched: what comes is all there is. */
static bool is_file(const char *name)
{
    struct stat st;
    return (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(name, &st)) == 0 && S_ISREG(st.st_mode);
}

static void on_secrets(void *ctx, struct wd_bytes text)
{
    struct wd_keys *keys = ctx;
    feed(keys, keys->reading, text);   /* that a search found them before does no harm */
}

struct search {
    struct wd_keys *keys;
    const char *name;
};

static void on_found(void *ctx, struct wd_bytes text)
{
    const struct search *search = ctx;
    feed(search->keys, search->name, text);
}

static int feed_plain(void *capture, struct wd_bytes bytes, struct wd_err *err)
{
    TRY(wd_capture_feed(capture, bytes, err));
    return wd_capture_fault(capture) ? WD_STOP : WD_OK;
}

/* Compressed: there is no hopping. */
static void search_packed(const struct search *search, struct wd_capture *capture, int fd, uint8_t *buffer,
                          size_t len)
{
    struct wd_err err = { 0 };
    struct wd_unpack *unpack = wd_unpack_open(search->name, wd_bytes_at(buffer, len),
                                              &search->keys->road->config->limits, feed_plain, capture);
    off_t at = 0;
    for (ssize_t n = (ssize_t)len;
         n > 0 && wd_unpack_feed(unpack, wd_bytes_at(buffer, (size_t)n), &err) >= 0;) {
        at += n;
        n = pread(fd, buffer, SEARCH_BYTES, at);
    }
    wd_unpack_free(unpack);
}

/* Reads heads of blocks and hops over packets, where those are larger than what is read at once. */
static void search_file(const struct search *search, struct wd_capture *capture, int fd)
{
    uint8_t *buffer = wd_alloc(SEARCH_BYTES);
    struct wd_err err = { 0 };
    off_t at = 0;
    for (ssize_t n; (n = pread(fd, buffer, SEARCH_BYTES, at)) > 0;) {
        struct wd_bytes bytes = wd_bytes_at(buffer, (size_t)n);
        if (at == 0 && wd_unpack_sniff(bytes))
            search_packed(search, capture, fd, buffer, bytes.len);
        if ((at == 0 && buffer[0] != PCAPNG) || feed_plain(capture, bytes, &err) != WD_OK)
            break;
        at += n + (off_t)wd_capture_skips(capture, INT32_MAX);
    }
    wd_free(buffer);
}

static void search(struct wd_keys *keys, const char *name)
{
    struct wd_ledger ledger = { 0 };   /* damage is counted when the packets are read */
    struct search found = { keys, name };
    struct wd_err err = { 0 };
    struct wd_capture *capture = wd_capture_open(name, &keys->road->config->limits, &ledger, NULL, NULL);
    wd_capture_only_secrets(capture);
    wd_capture_on_secrets(capture, on_found, &found);
    if (!keys->measure) {
        (void)wd_capture_feed(capture, keys->memory, &err);
    } else if (is_file(name)) {
        int fd = wd_file_open(name);
        if (fd >= 0)
            search_file(&found, capture, fd);
        if (fd >= 0)
            close(fd);
    }
    wd_capture_free(capture);
}

static void search_all(void *ctx)
{
    struct wd_keys *keys = ctx;
    const struct wd_measure *m = keys->measure;
    if (!m)
        search(keys, keys->reading);
    for (size_t i = 0; m && i < m->capture_count; i++)
        search(keys, m->captures[i]);
}

void wd_keys_listen(struct wd_keys *keys, struct wd_capture *capture, const char *name)
{
    keys->reading = name;
    wd_capture_on_secrets(capture, on_secrets, keys);
}

int wd_keys_open(struct wd_keys *keys, struct wd_road *road, const struct wd_measure *m, struct wd_err *err)
{
    *keys = (struct wd_keys){ .road = road, .measure = m };
    wd_tls_on_missing_keys(road->tls, search_all, keys);
    for (size_t i = 0; m && i < m->keylog_count; i++)
        TRY(wd_keylog_read(road->keylog, m->keylogs[i], err));
    return WD_OK;
}

/* --- what was of no use --- */

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void report_lines(const struct wd_keylog_source *source, const char *name, struct wd_buf *out)
{
    if (source->bad_lines)
        wd_buf_printf(
            out, "%s: %" PRIu64 " line%s cannot be read (expected LABEL RANDOM SECRET, in hex); not used\n",
            name, source->bad_lines, plural(source->bad_lines));
    if (source->rsa_lines)
        wd_buf_printf(out,
                      "%s: %" PRIu64
                      " RSA line%s cannot be used; log CLIENT_RANDOM lines, as SSLKEYLOGFILE does\n",
                      name, source->rsa_lines, plural(source->rsa_lines));
}

/* Sessions that were under way when the capture began: no random tells which key is theirs. */
static uint64_t count_late(const struct wd_tls_counts *counts)
{
    for (size_t i = 0; i < counts->kind_count; i++)
        if (!counts->kinds[i].version)
            return counts->kinds[i].connections;
    return 0;
}

static void report_fit(const struct wd_keylog_source *source, const char *name,
                       const struct wd_tls_counts *counts, struct wd_buf *out)
{
    uint64_t sessions = counts->connections, joined_late = count_late(counts);
    if (source->misfits)
        wd_buf_printf(out,
                      "%s: its keys for %" PRIu64
                      " TLS session%s open nothing; take the log that was written with the capture\n",
                      name, source->misfits, plural(source->misfits));
    if (source->fits || source->misfits || source->unread)
        return;
    if (!sessions && !source->is_capture)
        wd_buf_printf(out, "%s: not needed, since no connection speaks TLS\n", name);
    else if (sessions && !source->secrets)
        wd_buf_printf(out, "%s: holds no key; set SSLKEYLOGFILE before the client or server starts\n", name);
    else if (sessions == joined_late)
        wd_buf_printf(out,
                      "%s: cannot be tried on the %" PRIu64
                      " TLS session%s seen, whose handshakes are not in the capture; "
                      "start it before the connections\n",
                      name, sessions, plural(sessions));
    else if (sessions)
        wd_buf_printf(out, "%s: no key of it fits any of the %" PRIu64 " TLS session%s seen; "
                      "take the log that was written with the capture\n", name, sessions, plural(sessions));
}

/* Ciphers that are not read, by name. */
static void report_unread(const struct wd_tls_counts *counts, struct wd_buf *out)
{
    for (size_t i = 0; i < counts->kind_count; i++) {
        const struct wd_tls_kind *kind = &counts->kinds[i];
        const struct wd_suite *suite = wd_suite_find(kind->suite);
        bool is_old = kind->version != WD_TLS_1_2 && kind->version != WD_TLS_1_3;
        if (!kind->version || !kind->connections || (suite && suite->bulk != WD_BULK_NONE && !is_old))
            continue;
        wd_buf_printf(out, "%" PRIu64 " TLS session%s cannot be read, keys or not: ", kind->connections,
                      plural(kind->connections));
        if (is_old)
            wd_buf_printf(out, "TLS %s; read are 1.2 and 1.3\n", wd_tls_version_name(kind->version));
        else
            wd_suite_name(kind->suite, out), wd_buf_puts(out, " is not supported\n");
    }
}

void wd_keys_report(const struct wd_keys *keys, struct wd_buf *out)
{
    const struct wd_tls_counts *counts = &keys->road->tls_counts;
    struct wd_keylog *log = keys->road->keylog;
    for (size_t i = 0; i < wd_keylog_sources(log); i++) {
        const struct wd_keylog_source *source = wd_keylog_source(log, i);
        struct wd_shown shown;
        const char *name = wd_show(&shown, wd_bytes_of(source->name));
        report_lines(source, name, out);
        report_fit(source, name, counts, out);
    }
    uint64_t late = wd_keylog_late(log);
    if (late)
        wd_buf_printf(
            out,
            "the keys of %" PRIu64
            " TLS session%s came after the packets; read the capture from a file, not from a pipe\n",
            late, plural(late));
    if (wd_keylog_is_full(log))
        wd_buf_printf(out,
                      "more than %" PRIu64
                      " secrets in the key logs, the rest is not used; raise it with --limit secrets=...\n",
                      keys->road->config->limits.secrets);
    report_unread(counts, out);
}
