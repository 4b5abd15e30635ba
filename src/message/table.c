#include "message/host.h"

/* What is supported: who may claim a connection, and who reads a body. The highest bid wins, the order breaks
 * ties. */
#define PROTOCOLS(X) X(http1) X(http2) X(websocket)
#define DECODERS(X) X(sse) X(ndjson) X(grpc)

#define DECLARE(name) extern const struct wd_protocol wd_protocol_##name;
PROTOCOLS(DECLARE)
#undef DECLARE
#define DECLARE(name) extern const struct wd_decoder wd_decoder_##name;
DECODERS(DECLARE)
#undef DECLARE

#define ROW(name) &wd_protocol_##name,
const struct wd_protocol *const wd_protocols[] = { PROTOCOLS(ROW) NULL };
#undef ROW
#define ROW(name) &wd_decoder_##name,
const struct wd_decoder *const wd_decoders[] = { DECODERS(ROW) NULL };
#undef ROW

const struct wd_protocol *wd_protocol_find(struct wd_bytes name)
{
    for (size_t i = 0; wd_protocols[i]; i++)
        if (wd_bytes_is_nocase(name, wd_protocols[i]->name) ||
            (wd_protocols[i]->alias && wd_bytes_is_nocase(name, wd_protocols[i]->alias)))
            return wd_protocols[i];
    return NULL;
}

static bool is_of(struct wd_bytes media_type, const char *type)
{
    size_t len = strlen(type);
    if (type[len - 1] == '+' && media_type.len > len)
        media_type.len = len;
    return wd_bytes_is_nocase(media_type, type);
}

const struct wd_decoder *wd_decoder_find(struct wd_bytes media_type)
{
    for (size_t i = 0; wd_decoders[i]; i++)
        for (const char *const *type = wd_decoders[i]->media_types; *type; type++)
            if (is_of(media_type, *type))
                return wd_decoders[i];
    return NULL;
}
