/* stream/keylog.h - secrets of TLS sessions, as clients and servers log them for readers of captures.
 *
 * Shape   open / begin a source / feed its text in pieces of any size / find. One line is one secret:
 *         "LABEL RANDOM SECRET", the ClientHello's 32 random bytes and the secret in hex. A secret that is
 *         given again replaces the one before. Sources are the key logs that the user named, and the captures
 *         that carry secrets: each knows how many of its secrets were of use.
 * Units   secrets in bytes, 64 at most.
 * Owns    copies of all secrets, wiped when it is freed. What find() copied out is the caller's to wipe.
 * Errors  read(): WD_EPARSE and WD_ESYSTEM as any input; also WD_EPARSE when others than the owner may write
 *         the file. Lines that cannot be read are counted in their source.
 * Source  RFC 9850, The SSLKEYLOGFILE Format for TLS; NSS Key Log Format.
 */
#ifndef WD_STREAM_KEYLOG_H
#define WD_STREAM_KEYLOG_H

#include "base/err.h"
#include "base/limits.h"

/* MASTER is that of TLS 1.2 and before; the others are TLS 1.3's. */
enum wd_secret_kind {
    WD_SECRET_MASTER, WD_SECRET_CLIENT_EARLY, WD_SECRET_CLIENT_HANDSHAKE, WD_SECRET_SERVER_HANDSHAKE,
    WD_SECRET_CLIENT_TRAFFIC, WD_SECRET_SERVER_TRAFFIC, WD_SECRET_COUNT
};

enum { WD_SECRET_MOST = 64, WD_RANDOM_BYTES = 32 };

struct wd_secret {
    uint8_t bytes[WD_SECRET_MOST];
    uint8_t len;
    uint8_t source;          /* of the log */
};

struct wd_keylog_source {
    const char *name;        /* as the user gave it; the caller's */
    bool is_capture;         /* the secrets stand in a capture */
    uint64_t secrets;        /* lines that held one */
    uint64_t rsa_lines;      /* "RSA ...": of no use without the whole key exchange */
    uint64_t bad_lines;
    uint64_t fits;           /* connections that one of its secrets opened */
    uint64_t unread;         /* connections that it names, of a version or cipher suite that is not read */
    uint64_t misfits;        /* connections that it names, and that its secrets do not open */
};

struct wd_keylog;
struct wd_keylog *wd_keylog_open(const struct wd_limits *limits);
void wd_keylog_free(struct wd_keylog *log);   /* NULL is fine */

/* What is fed from here on belongs to it; a capture goes on where it was. Beyond 255 sources the last stands
 * for all. */
void wd_keylog_begin(struct wd_keylog *log, const char *name, bool is_capture);
void wd_keylog_feed(struct wd_keylog *log, struct wd_bytes text);
void wd_keylog_end(struct wd_keylog *log);    /* of the source: a last line without an end is read */
/* All of a file, as a source of its own. */
int wd_keylog_read(struct wd_keylog *log, const char *name, struct wd_err *err);

/* False: there is none. */
bool wd_keylog_find(struct wd_keylog *log, enum wd_secret_kind kind, const uint8_t random[WD_RANDOM_BYTES],
                    struct wd_secret *out);
/* Nothing opens this session: it is remembered, for late(). */
void wd_keylog_missed(struct wd_keylog *log, const uint8_t random[WD_RANDOM_BYTES]);
/* Sessions for which secrets came after missed() was called: their packets were gone by then. */
uint64_t wd_keylog_late(const struct wd_keylog *log);
bool wd_keylog_is_full(const struct wd_keylog *log);   /* the limit `secrets` was met */

size_t wd_keylog_sources(const struct wd_keylog *log);
struct wd_keylog_source *wd_keylog_source(struct wd_keylog *log, size_t i);

#endif
