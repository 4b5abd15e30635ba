/* pipeline/keys.h - the secrets of one run: from key logs, and from the captures themselves.
 *
 * Shape   open() reads the key logs and listens for secrets in captures. Those may follow the packets that
 *         they open: at the first TLS session without keys all captures that are files are searched, once, to
 *         their ends; of a pipe, what came before counts. report() says what was of no use, and why.
 * Owns    nothing but itself: secrets are the road's key log's.
 * Errors  those of the key logs. A capture that cannot be searched will say so when its turn comes.
 * Source  draft-ietf-opsawg-pcapng section 4.7 (Decryption Secrets Block).
 */
#ifndef WD_PIPELINE_KEYS_H
#define WD_PIPELINE_KEYS_H

#include "pipeline/measure.h"
#include "pipeline/road.h"

struct wd_capture;

struct wd_keys {
    struct wd_road *road;
    const struct wd_measure *measure;  /* NULL: the one capture is `memory` */
    struct wd_bytes memory;
    const char *reading;               /* the capture that is being read */
};

/* Between opening the road and its first packet. */
int wd_keys_open(struct wd_keys *keys, struct wd_road *road, const struct wd_measure *measure,
                 struct wd_err *err);
/* A capture that is about to be read. */
void wd_keys_listen(struct wd_keys *keys, struct wd_capture *capture, const char *name);
/* One line each, at the end. */
void wd_keys_report(const struct wd_keys *keys, struct wd_buf *diagnostics);

#endif
