/* The fields of any bytes tile them, with a layout (the first byte is odd) and without, also when the tree
 * has learnt the fields; what bits cost adds up. Records are well-formed where protobuf-c says so. */
#include <stdlib.h>

#include <protobuf-c/protobuf-c.h>

#include "field/codec.h"
#include "field/cost.h"
#include "field/protobuf_wire.h"
#include "fuzz.h"
#include "tests/field/proto_all.h"

/* A message of which no field is known: to protobuf-c all are unknown ones. */
static const ProtobufCMessageDescriptor nothing = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "Nothing",
    .short_name = "Nothing",
    .c_name = "Nothing",
    .package_name = "",
    .sizeof_message = sizeof(ProtobufCMessage),
};

static bool is_read_by_protobuf_c(struct wd_bytes body)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(&nothing, NULL, body.len, body.at);
    if (message)
        protobuf_c_message_free_unpacked(message, NULL);
    return message;
}

/* It knows no groups, and no tags or lengths of more than 5 bytes. */
static bool is_beyond_protobuf_c(struct wd_bytes body)
{
    struct wd_record r = {0};
    for (; r.off < body.len && !wd_wire_record(body.at, (uint32_t)body.len, &r);
         r.off = r.content_off + r.content_len) {
        uint32_t head = r.content_off - r.off;
        if (r.wire == WD_WIRE_START || r.wire == WD_WIRE_END || head > 5)
            return true;
    }
    return false;
}

/* It takes 0, and of numbers that are too large what is left of them in 32 bits. */
static bool is_number_refused(const struct wd_tape *tape)
{
    return tape->fault && (strstr(tape->fault, "number 0") || strstr(tape->fault, "number beyond"));
}

static void check_cost(const struct wd_tape *tape, size_t size)
{
    struct wd_bit_mark mark = {.end = (uint32_t)size, .bits = 8 * (uint32_t)size};
    uint64_t *costs = calloc(tape->count, sizeof *costs), sum = 0;
    wd_tape_cost(tape, size, (struct wd_bit_marks){&mark, size > 0}, mark.bits, costs);
    for (uint32_t i = 0; i < tape->count; i++)
        sum += costs[i];
    free(costs);
    if (sum != 8 * size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_tape tape = {0};
    if (!size)
        return 0;
    bool has_layout = data[0] & 1;
    struct wd_bytes body = wd_bytes_at(data + 1, size - 1);
    limits.fields_total = data[0] & 2 ? 20 : limits.fields_total;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_protobuf.bid(body);
    for (int i = 0; i < 3; i++) {
        wd_codec_protobuf.walk(body, has_layout ? &all_layout : NULL, paths, &limits, &tape);
        if (wd_tape_bytes(&tape) != body.len)
            abort();
        check_cost(&tape, body.len);
    }
    if (!has_layout && !is_beyond_protobuf_c(body) && !is_number_refused(&tape) &&
        is_read_by_protobuf_c(body) != !tape.fault)
        abort();
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return 0;
}
