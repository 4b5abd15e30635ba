/* stream/session.h - one TLS connection, shared by tls.c, records.c, resync.c, session.c and handshake.c.
 *
 *     bytes of a side -> records (records.c, and resync.c behind a gap) -> opened, delivered (session.c)
 *                                                                       -> handshake messages, keys
 *                                                                       (handshake.c)
 *
 * Owns    everything; wd_session_free() wipes and frees it.
 */
#ifndef WD_STREAM_SESSION_H
#define WD_STREAM_SESSION_H

#include "base/buf.h"
#include "stream/seal.h"
#include "stream/tls.h"

enum { WD_POOL = 64 };

struct wd_tls {
    struct wd_limits limits;
    struct wd_ledger *ledger;
    struct wd_tls_counts *counts;
    struct wd_keylog *keylog;
    struct wd_seals *seals;            /* NULL until a secret was found */
    wd_chunk_fn *emit;
    void *ctx;
    void (*more)(void *ctx);           /* NULL: asked already, or nobody to ask */
    void *more_ctx;
    struct wd_map *names;              /* of servers; NULL: nobody wants them */
    struct wd_session *sessions;
    struct wd_buf *pool[WD_POOL];      /* idle buffers */
    size_t pool_count;
    uint64_t held_bytes;               /* in the carries and handshakes of all sessions */
    uint8_t *plain;                    /* room for what is inside a record */
};

/* Keys follow each other: early data, handshake, traffic; in TLS 1.2 there is traffic alone, once more with
 * each renegotiation. */
enum wd_epoch_kind { WD_EPOCH_NONE, WD_EPOCH_EARLY, WD_EPOCH_HANDSHAKE, WD_EPOCH_TRAFFIC };
enum { WD_EPOCHS = 3 };

struct wd_epoch {
    struct wd_seal *seal;              /* NULL: no keys, or not encrypted */
    enum wd_epoch_kind kind;
    uint8_t source;                    /* of the key log */
};

/* What one side sends. */
struct wd_half {
    struct wd_buf *carry;              /* the start of a record; NULL: none */
    uint64_t need;                     /* bytes that the carry waits for */
    uint64_t skip;                     /* of a record that is not read, still to come */
    enum wd_reason skip_reason;        /* WD_REASON_COUNT: they belong to the layer tls */
    struct wd_epoch epochs[WD_EPOCHS]; /* [0] is in use, the others follow */
    uint64_t number;                   /* of the next record */
    struct wd_secret traffic;          /* TLS 1.3: the secret of the last epoch, for KeyUpdate */
    bool is_sealed;                    /* TLS 1.2: its ChangeCipherSpec was seen */
    bool is_deaf;                      /* records are counted, nothing is opened any more: `why` */
    bool is_broken;                    /* no records can be told apart any more: `why` */
    bool is_lost;                      /* behind a gap, where records begin is not known */
    bool had_gap, has_opened;
    bool owes_gap;                     /* data was lost: to be told before the next */
    enum wd_reason why;
    uint32_t doubt;                    /* so many records may have been lost before the next */
    uint32_t trials;                   /* left, until the next gap */
    uint64_t trial_bytes;
    uint32_t failures, empties;        /* in a row */
    uint64_t data_records;             /* that say they hold application data */
    struct wd_buf shake;               /* the start of a handshake message */
    uint64_t shake_skip;               /* of one that is not read */
};

enum wd_early { WD_EARLY_NONE, WD_EARLY_OFFERED, WD_EARLY_ACCEPTED, WD_EARLY_REJECTED };

struct wd_session {
    struct wd_tls *tls;
    struct wd_connection *connection;
    struct wd_half half[2];
    bool is_decided;                   /* it is TLS: until then the carries hold all that came */
    bool has_client_hello, has_server_hello;
    bool is_in_log;                    /* some secret names it, of this source */
    uint8_t named_by;
    bool is_decrypted;
    int misfit;                        /* source whose secret opened nothing; -1: none */
    int client;                        /* side */
    uint16_t version;                  /* 0: not known */
    const struct wd_suite *suite;      /* NULL: not known, or not read */
    enum wd_reason reason;             /* why there are no keys */
    uint8_t client_random[WD_RANDOM_BYTES];
    enum wd_early early;
    uint8_t early_suites;
    struct wd_buf early_data;          /* until it is known whether the server takes it */
    int64_t early_ns;
    uint64_t early_packet;
    uint16_t counted_version, counted_suite;
    struct wd_tls_kind untold;         /* its records that are not counted yet, by side */
    bool is_counted;
    uint8_t alpn[32];
    uint32_t reasons_seen;
    int64_t ts_ns;                     /* of the chunk that is being fed */
    uint64_t packet;
    struct wd_session *next, *previous;
};

enum { WD_TLS_CHANGE_CIPHER = 20, WD_TLS_ALERT, WD_TLS_HANDSHAKE, WD_TLS_DATA };

/* --- session.c --- */
struct wd_session *wd_session_open(struct wd_tls *tls, struct wd_connection *connection);
void wd_session_free(struct wd_session *session);
void wd_session_undecoded(struct wd_session *session, enum wd_reason reason, uint64_t bytes);
void wd_session_overhead(struct wd_session *session, uint64_t bytes);
void wd_session_count(struct wd_session *session, uint16_t version, uint16_t suite);   /* or counts it anew */
/* Whether the body of a record has to be seen. When not: what it is counted as, WD_REASON_COUNT for the layer
 * tls. */
bool wd_session_wants(const struct wd_session *session, int side, uint8_t type, enum wd_reason *reason);
/* A record was told apart: once for each. Its kind is that of the connection, as soon as that is known. */
void wd_session_note_record(struct wd_session *session, int side, uint8_t type, size_t len);
void wd_session_tell_records(struct wd_session *session);   /* to the counts: what of them is not counted yet */
int wd_session_tell_sealed(struct wd_session *session);   /* where that is known, and was not told */
/* Accounts for a whole record, header and body. */
int wd_session_record(struct wd_session *session, int side, const struct wd_record *record);
/* The same for one that was opened. */
int wd_session_opened(struct wd_session *session, int side, const struct wd_record *record,
                      const struct wd_opened *opened);
bool wd_session_seals(const struct wd_session *session, int side, uint8_t type);       /* such a record is encrypted */
int wd_session_release_early(struct wd_session *session);
void wd_half_advance(struct wd_half *half, int epochs);
void wd_half_deafen(struct wd_half *half, enum wd_reason why);
void wd_half_break(struct wd_session *session, int side, enum wd_reason why);
void wd_half_break_limit(struct wd_session *session, int side, enum wd_limit limit);   /* the same, noted */
bool wd_half_has_seal(const struct wd_half *half);
void wd_session_hold(struct wd_session *session, struct wd_buf *buf, struct wd_bytes bytes);  /* appended, and counted */
void wd_session_drop(struct wd_session *session, struct wd_buf *buf, size_t bytes);           /* from its front */
struct wd_buf *wd_session_borrow(struct wd_session *session);
void wd_session_return(struct wd_session *session, struct wd_buf *buf);
bool wd_session_is_full(const struct wd_session *session, size_t more);

/* --- handshake.c --- */
int wd_handshake_feed(struct wd_session *session, int side, struct wd_bytes bytes);
void wd_handshake_lose(struct wd_session *session, int side);
bool wd_handshake_try_early(struct wd_session *session, const struct wd_record *record,
                            struct wd_opened *opened);
struct wd_seal *wd_handshake_updated(struct wd_session *session, const struct wd_half *half,
                                     struct wd_secret *secret);

/* --- records.c --- */
int wd_records_take(struct wd_session *session, int side, struct wd_bytes bytes);
int wd_records_gap(struct wd_session *session, int side, uint64_t missing);
void wd_records_finish(struct wd_session *session, int side);

/* --- resync.c --- */
void wd_resync_doubt(struct wd_half *half, uint64_t missing);
bool wd_resync_open(struct wd_session *session, int side, const struct wd_record *record,
                    struct wd_opened *opened);
/* One step behind a gap: bytes used of `view`, 0 and *need when more are wanted. */
int wd_resync_step(struct wd_session *session, int side, struct wd_bytes view, size_t *used, uint64_t *need);
/* What bytes are counted as that are no record. */
enum wd_reason wd_resync_reason(const struct wd_session *session, const struct wd_half *half);
/* A record header; false: it is none. */
bool wd_record_head(struct wd_bytes view, struct wd_record *record, size_t *len);

#endif
