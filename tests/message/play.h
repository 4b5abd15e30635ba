/* tests/message/play.h - feeds a scripted conversation and writes down what came out.
 *
 * Shape   a script is a list of steps. play() runs it, whole or in pieces; play_check() also holds the properties that
 *         every script has: bytes balance, one byte at a time gives the same messages and the same ledger, every
 *         truncation balances.
 */
#ifndef WD_TESTS_MESSAGE_PLAY_H
#define WD_TESTS_MESSAGE_PLAY_H

#include "base/buf.h"
#include "message/messages.h"

struct step {
    int side;                      /* 0 or 1 */
    struct wd_bytes bytes;         /* DATA when not empty */
    uint64_t missing;              /* GAP when not 0 */
    bool is_end;                   /* END */
    bool is_unknown_gap;           /* GAP of unknown size */
};

#define BYTES(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
#define C(literal) { .side = 0, .bytes = BYTES(literal) }   /* client */
#define S(literal) { .side = 1, .bytes = BYTES(literal) }   /* server */
#define GAP_C(n) { .side = 0, .missing = (n) }
#define GAP_S(n) { .side = 1, .missing = (n) }
#define END_S { .side = 1, .is_end = true }

struct play {
    struct wd_limits limits;
    bool is_midway;
    enum wd_client_by client_by;
    int client;
    bool is_quiet;                 /* log no bodies */
    const char *alpn;              /* NULL: not known */
    const char *wanted;            /* path whose HTTP bodies are messages without being polled */

    /* Results. */
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_buf log;             /* a line per opened, message, closed */
    struct wd_buf bits;            /* of messages with marks: what each byte of theirs cost, one after the other */
    uint64_t fed, messages, wire_len, wire_bits, shared;   /* shared: messages whose bits only an estimate can share out */
    int64_t last_ts;
    int client_after;
};

struct play play_new(void);
/* piece: largest chunk, 0 no limit. total: bytes after which the capture is cut, SIZE_MAX never. */
void play(struct play *p, const struct step *steps, size_t count, size_t piece, size_t total);
void play_free(struct play *p);

/* Runs whole, by bytes and with every truncation; the log of the whole run must be `expected`. */
void play_check(struct play *p, const struct step *steps, size_t count, const char *expected);
/* layer sums, in the order http framing control payload undecoded */
void play_expect_layers(const struct play *p, uint64_t http, uint64_t framing, uint64_t control, uint64_t payload,
                        uint64_t undecoded);

#endif
