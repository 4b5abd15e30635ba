/* tests/message/replay.h - a capture of testdata/ through packets and streams, up to the chunks of its connections. */
#ifndef WD_TESTS_MESSAGE_REPLAY_H
#define WD_TESTS_MESSAGE_REPLAY_H

#include "base/limits.h"
#include "model/chunk.h"
#include "model/ledger.h"

/* name: below testdata/, with its ending */
void replay(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
            int (*on_chunk)(void *ctx, const struct wd_chunk *chunk), void *ctx);

#endif
