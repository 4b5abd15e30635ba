/* stream/hello.c
 *
 *     ClientHello           version  random (32)  session<1>  suites<2>  compressions<1>  [extensions<2>]
 *     ServerHello           version  random (32)  session<1>  suite  compression  [extensions<2>]
 *     EncryptedExtensions   extensions<2>
 *     an extension          type (2)  content<2>           x<n>: x behind its length in n bytes
 */
#include "stream/hello.h"

#include "base/cursor.h"

enum { RANDOM = 32, FIRST_SUITE = 0x1301, LAST_SUITE = 0x1305 };
enum { SERVER_NAME = 0, ALPN = 16, ENCRYPT_THEN_MAC = 22, EARLY_DATA = 42, SUPPORTED_VERSIONS = 43 };

/* The random of a ServerHello that is a HelloRetryRequest: SHA-256 of that word. */
static const uint8_t retry_random[RANDOM] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

struct extension {
    uint16_t type;
    struct wd_bytes content;
};

static bool next_extension(struct wd_cursor *c, struct extension *out)
{
    if (wd_cursor_left(c) == 0)
        return false;
    out->type = wd_cursor_be16(c);
    out->content = wd_cursor_take(c, wd_cursor_be16(c));
    return !c->fault;
}

/* Those of a hello may be missing altogether. */
static struct wd_cursor extensions_of(struct wd_cursor *c)
{
    struct wd_bytes all = { c->at, 0 };
    if (wd_cursor_left(c))
        all = wd_cursor_take(c, wd_cursor_be16(c));
    return wd_cursor_of(all);
}

/* A server's list holds exactly one name. */
static struct wd_bytes chosen_protocol(struct wd_bytes content)
{
    struct wd_cursor c = wd_cursor_of(content);
    wd_cursor_skip(&c, 2);
    struct wd_bytes name = wd_cursor_take(&c, wd_cursor_u8(&c));
    return c.fault ? wd_bytes_of("") : name;
}

/* The first of a list that may hold one host name. */
static struct wd_bytes asked_name(struct wd_bytes content)
{
    enum { HOST_NAME = 0 };
    struct wd_cursor c = wd_cursor_of(content);
    wd_cursor_skip(&c, 2);
    bool is_host = wd_cursor_u8(&c) == HOST_NAME;
    struct wd_bytes name = wd_cursor_take(&c, wd_cursor_be16(&c));
    return c.fault || !is_host ? wd_bytes_of("") : name;
}

bool wd_hello_client(struct wd_bytes message, struct wd_client_hello *out)
{
    struct wd_cursor c = wd_cursor_of(message);
    struct extension extension;
    *out = (struct wd_client_hello){ 0 };
    wd_cursor_skip(&c, 2);
    out->random = wd_cursor_take(&c, RANDOM).at;
    wd_cursor_skip(&c, wd_cursor_u8(&c));
    struct wd_cursor suites = wd_cursor_of(wd_cursor_take(&c, wd_cursor_be16(&c)));
    while (wd_cursor_left(&suites) > 1) {
        uint16_t suite = wd_cursor_be16(&suites);
        if (suite >= FIRST_SUITE && suite <= LAST_SUITE)
            out->suites |= (uint8_t)(1u << (suite - FIRST_SUITE));
    }
    wd_cursor_skip(&c, wd_cursor_u8(&c));
    struct wd_cursor extensions = extensions_of(&c);
    while (next_extension(&extensions, &extension)) {
        out->has_early |= extension.type == EARLY_DATA;
        if (extension.type == SERVER_NAME)
            out->server_name = asked_name(extension.content);
    }
    return !c.fault;
}

bool wd_hello_server(struct wd_bytes message, struct wd_server_hello *out)
{
    struct wd_cursor c = wd_cursor_of(message);
    struct extension extension;
    *out = (struct wd_server_hello){ .version = wd_cursor_be16(&c) };
    out->random = wd_cursor_take(&c, RANDOM).at;
    wd_cursor_skip(&c, wd_cursor_u8(&c));
    out->suite = wd_cursor_be16(&c);
    wd_cursor_skip(&c, 1);
    struct wd_cursor extensions = extensions_of(&c);
    if (c.fault)
        return false;
    while (next_extension(&extensions, &extension)) {
        out->is_mac_last |= extension.type == ENCRYPT_THEN_MAC;
        if (extension.type == SUPPORTED_VERSIONS && extension.content.len == 2)
            out->version = (uint16_t)(extension.content.at[0] << 8 | extension.content.at[1]);
        if (extension.type == ALPN)
            out->alpn = chosen_protocol(extension.content);
    }
    out->is_retry = memcmp(out->random, retry_random, RANDOM) == 0;
    return true;
}

bool wd_hello_extensions(struct wd_bytes message, struct wd_extensions *out)
{
    struct wd_cursor c = wd_cursor_of(message);
    struct extension extension;
    *out = (struct wd_extensions){ 0 };
    struct wd_cursor extensions = extensions_of(&c);
    while (next_extension(&extensions, &extension)) {
        out->has_early |= extension.type == EARLY_DATA;
        if (extension.type == ALPN)
            out->alpn = chosen_protocol(extension.content);
    }
    return !c.fault;
}
