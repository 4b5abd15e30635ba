/* pipeline/stream.h - the bytes of one direction of one stream, outside of any capture, to messages.
 *
 * Shape   the bytes are given the opening that they would have had: a WebSocket handshake (with
 *         permessage-deflate, which uncompressed messages do not mind), a response head with the media type
 *         of an event stream, or nothing for HTTP and HTTP/2.
 * Errors  WD_EUSAGE: no such protocol. What cannot be decoded is in `undecoded`, in bytes.
 * Source  RFC 6455 section 4, RFC 9112, RFC 9113.
 */
#ifndef WD_PIPELINE_STREAM_H
#define WD_PIPELINE_STREAM_H

#include "base/err.h"
#include "base/limits.h"
#include "model/message.h"

int wd_stream_replay(const char *protocol, struct wd_bytes bytes, const struct wd_limits *limits,
                     const struct wd_message_sink *sink, uint64_t *undecoded, struct wd_err *err);

#endif
