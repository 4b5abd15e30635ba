/* The messages of one call, both ways; the first byte chooses their coding, the second how they are cut into frames. */
#include "converse.h"
#include "fuzz.h"

#include "base/buf.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define FRAMES 48

static const char *const codings[] = { "", "gzip", "deflate", "zstd", "identity", "br", "snappy", "gzip, gzip" };

static void put_head(struct wd_buf *out, size_t len, uint8_t type, uint8_t flags)
{
    const uint8_t head[] = { (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, type, flags, 0, 0, 0, 1 };
    wd_buf_put(out, wd_bytes_at(head, sizeof head));
}

static void put_field(struct wd_buf *out, const char *name, const char *value)
{
    wd_buf_byte(out, 0);
    wd_buf_byte(out, (uint8_t)strlen(name));
    wd_buf_puts(out, name);
    wd_buf_byte(out, (uint8_t)strlen(value));
    wd_buf_puts(out, value);
}

static void put_heads(struct wd_buf *out, const char *first, const char *value, const char *coding)
{
    struct wd_buf block = { 0 };
    put_field(&block, first, value);
    put_field(&block, "content-type", "application/grpc");
    put_field(&block, "grpc-encoding", coding);
    put_head(out, block.len, 1, 4);
    wd_buf_put(out, wd_buf_bytes(&block));
    wd_buf_free(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_buf client = { 0 }, server = { 0 }, frames[FRAMES] = { 0 };
    struct turn turns[2 + FRAMES];
    size_t count = 0;
    if (size < 3)
        return 0;
    const char *coding = codings[data[0] & 7];
    size_t step = 1 + data[1] % 64;
    int gap_at = data[0] & 8 ? data[1] >> 3 : -1;
    wd_buf_puts(&client, PREFACE);
    put_heads(&client, ":path", "/a.B/C", coding);
    put_heads(&server, ":status", "200", coding);
    turns[count++] = (struct turn){ .side = 0, .kind = WD_CHUNK_DATA, .bytes = wd_buf_bytes(&client) };
    turns[count++] = (struct turn){ .side = 1, .kind = WD_CHUNK_DATA, .bytes = wd_buf_bytes(&server) };
    struct wd_bytes rest = { data + 2, size - 2 };
    for (size_t i = 0; i < FRAMES && rest.len; i++) {
        struct wd_bytes part = { rest.at, rest.len < step || i + 1 == FRAMES ? rest.len : step };
        rest = wd_bytes_at(rest.at + part.len, rest.len - part.len);
        put_head(&frames[i], part.len, 0, rest.len ? 0 : 1);
        wd_buf_put(&frames[i], part);
        turns[count] = (struct turn){ .side = data[0] >> 4 & 1, .kind = WD_CHUNK_DATA, .bytes = wd_buf_bytes(&frames[i]) };
        if ((int)i == gap_at)
            turns[count] = (struct turn){ .side = turns[count].side, .kind = WD_CHUNK_GAP, .missing = frames[i].len };
        count++;
    }
    converse_check(turns, count, false);
    wd_buf_free(&client);
    wd_buf_free(&server);
    for (size_t i = 0; i < FRAMES; i++)
        wd_buf_free(&frames[i]);
    return 0;
}
