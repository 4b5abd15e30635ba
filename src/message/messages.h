/* message/messages.h - ordered bytes of connections in, application messages out.
 *
 * Shape   feed() takes every chunk. Each connection is a stack of protocols, recognised by what the bytes
 *         say, also in the middle of a connection (message/table.c): HTTP/1.1 hands over to WebSocket by name
 *         on 101, and gives bodies to a body decoder (content codings) and that to SSE by media type. HTTP/2
 *         does so for each of its streams.
 * Units   every DATA byte ends in http, framing, control, payload or undecoded (with its reason).
 * Owns    channels and protocol state; released at CLOSE. Malformed input is counted, never an error; a
 *         negative return is the sink's.
 * Source  RFC 9110, 9112, 9113, 7541, 6455, 7692, 8441; WHATWG HTML "Server-sent events"; gRPC over HTTP/2.
 */
#ifndef WD_MESSAGE_MESSAGES_H
#define WD_MESSAGE_MESSAGES_H

#include "base/limits.h"
#include "model/chunk.h"
#include "model/ledger.h"
#include "model/message.h"

struct wd_messages;
struct wd_messages *wd_messages_open(const struct wd_limits *limits, struct wd_ledger *ledger,
                                     struct wd_connection_counts *counts, const struct wd_message_sink *sink);
int wd_messages_feed(struct wd_messages *messages, const struct wd_chunk *chunk);
void wd_messages_free(struct wd_messages *messages);

#endif
