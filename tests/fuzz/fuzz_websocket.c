/* Frames after an upgrade; the first byte chooses what was agreed, or that nobody saw it. */
#include "converse.h"
#include "fuzz.h"

#define TURNS 64
#define ACCEPT "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
#define DEFLATE "Sec-WebSocket-Extensions: permessage-deflate"

static const char request[] = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
static const char *const answers[] = {
    ACCEPT "\r\n",
    ACCEPT DEFLATE "\r\n\r\n",
    ACCEPT DEFLATE "; server_no_context_takeover; client_no_context_takeover\r\n\r\n",
    ACCEPT DEFLATE "; server_max_window_bits=9; client_max_window_bits=10\r\n\r\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct turn turns[TURNS];
    if (size < 2)
        return 0;
    bool is_midway = data[0] & 4;
    turns[0] = (struct turn){ .side = 0, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_of(request) };
    turns[1] = (struct turn){ .side = 1, .kind = WD_CHUNK_DATA, .bytes = wd_bytes_of(answers[data[0] & 3]) };
    size_t first = is_midway ? 0 : 2;
    size_t count = converse_script(wd_bytes_at(data + 1, size - 1), turns + first, TURNS - first);
    converse_check(turns, first + count, is_midway);
    return 0;
}
