/* base/limits.h - every cap, its name, its default: what --limit sets and --limits prints. */
#ifndef WD_BASE_LIMITS_H
#define WD_BASE_LIMITS_H

#include "base/err.h"

/* Who says that a limit was reached. TOLD: a line of diagnostics at the end of the run, for what is noted in
 * the ledger (model/ledger.h). SELF: the error that it is, or the notice, row or count that stands for what
 * is left out. QUIET: nobody, since it is ordinary and nothing is lost that the profile does not show. */
enum wd_limit_voice { WD_LIMIT_TOLD, WD_LIMIT_SELF, WD_LIMIT_QUIET };

/* name on the command line, member, default, voice, unit or meaning, what happens at the limit */
#define WD_LIMITS(X) \
    X("memory", memory, 256u << 20, TOLD, "bytes", "idle flows, then the largest, are given up and counted as undecoded") \
    X("flows", flows, 100000, TOLD, "flows", "the least recently used flow is given up") \
    X("flow-idle", flow_idle, 300, QUIET, "seconds", "an idle flow is closed") \
    X("reassembly", reassembly, 1u << 20, TOLD, "bytes per direction", "the gap is declared and the stream resynchronised") \
    X("reassembly-total", reassembly_total, 64u << 20, TOLD, "bytes", "the gap is declared and the stream resynchronised") \
    X("segments", segments, 1024, TOLD, "segments waiting per direction", "the gap is declared") \
    X("fragments", fragments, 64, TOLD, "fragments per datagram", "the datagram is dropped") \
    X("tunnels", tunnels, 8, TOLD, "tunnels inside each other", "what is deeper is counted as undecoded") \
    X("packet", packet, 256u << 10, SELF, "bytes", "bad input") \
    X("block", block, 16u << 20, SELF, "bytes", "bad input") \
    X("interfaces", interfaces, 65536, SELF, "interfaces", "bad input") \
    X("message", message, 16u << 20, TOLD, "bytes", "framing is counted, fields are not walked") \
    X("inflate-ratio", inflate_ratio, 1000, TOLD, "to 1, past the first MiB", "the message is abandoned; with context takeover, the direction") \
    X("inflate-layers", inflate_layers, 2, TOLD, "layers", "the body is abandoned") \
    X("unpack-ratio", unpack_ratio, 10000, SELF, "to 1, past the first 64 MiB", "the rest of the compressed file is not read") \
    X("inflate-total", inflate_total, 64u << 20, TOLD, "bytes without a complete message", "the direction is abandoned") \
    X("secrets", secrets, 250000, SELF, "secrets of key logs", "the rest is not used") \
    X("tls-empty", tls_empty, 1024, TOLD, "TLS records without content in a row", "the direction is given up") \
    X("header-list", header_list, 256u << 10, TOLD, "bytes", "the stream is abandoned") \
    X("header-count", header_count, 1000, TOLD, "headers", "the stream is abandoned") \
    X("header-line", header_line, 64u << 10, TOLD, "bytes", "the stream is abandoned") \
    X("requests", requests, 1024, TOLD, "requests on a connection that wait for an answer", "the direction is given up") \
    X("channels", channels, 1024, TOLD, "channels on a connection", "messages on others are counted as undecoded") \
    X("protocols", protocols, 8, TOLD, "protocols inside each other", "what is deeper is counted as undecoded") \
    X("continuations", continuations, 32, TOLD, "frames per HTTP/2 header block", "the connection is abandoned") \
    X("streams", streams, 4096, TOLD, "live HTTP/2 streams per connection", "the stream used least lately is given up") \
    X("table", table, 64u << 10, TOLD, "bytes of an HPACK table", "the connection is abandoned") \
    X("depth", depth, 512, SELF, "levels", "the payload is malformed") \
    X("values", values, 2u << 20, SELF, "values of a message", "the rest of the payload is malformed") \
    X("schema-depth", schema_depth, 256, SELF, "levels", "bad input") \
    X("yaml-depth", yaml_depth, 128, SELF, "levels", "bad input") \
    X("fields", fields, 10000, TOLD, "paths per message type", "the rest is counted in one (other) row") \
    X("fields-total", fields_total, 250000, TOLD, "paths, half of them of one connection", "the rest is counted in one (other) row") \
    X("types", types, 4096, TOLD, "message types, half of them of one connection", "the rest is counted as (other)") \
    X("entities", entities, 10000, TOLD, "entities per message type", "the least recently used is forgotten") \
    X("series-fields", series_fields, 1000000, TOLD, "remembered values", "the least recently used series is forgotten") \
    X("echo", echo, 16u << 20, QUIET, "bytes of last messages", "messages are read field by field, which takes longer") \
    X("path", path, 4096, QUIET, "bytes", "the path is folded") \
    X("map-keys", map_keys, 256, QUIET, "keys under one parent", "the keys are folded into {}") \
    X("document", document, 16u << 20, SELF, "bytes", "bad input") \
    X("refs", refs, 50000, SELF, "references", "bad input") \
    X("schema-files", schema_files, 4096, SELF, "files", "bad input") \
    X("yaml-aliases", yaml_aliases, 10000, SELF, "aliases", "bad input") \
    X("yaml-nodes", yaml_nodes, 1000000, SELF, "nodes", "bad input") \
    X("rows", rows, 5000, SELF, "rows per table of a report", "the rest is counted")

/* What bounds our own stack is not to be raised beyond this. */
enum { WD_DEPTH_MAX = 512, WD_LAYERS_MAX = 8, WD_PROTOCOLS_MAX = 64 };

struct wd_limits {
#define MEMBER(name, member, value, voice, unit, effect) uint64_t member;
    WD_LIMITS(MEMBER)
#undef MEMBER
};

/* WD_LIMIT_streams and its like: the member with a prefix. */
enum wd_limit {
#define ID(name, member, value, voice, unit, effect) WD_LIMIT_##member,
    WD_LIMITS(ID)
#undef ID
    WD_LIMIT_COUNT
};

struct wd_limit_row {
    const char *name;
    size_t at;                   /* offset in struct wd_limits */
    uint64_t value;              /* the default */
    enum wd_limit_voice voice;
    const char *unit, *effect;
};
extern const struct wd_limit_row wd_limit_rows[WD_LIMIT_COUNT];

uint64_t wd_limits_value(const struct wd_limits *limits, enum wd_limit id);
uint64_t wd_limits_most(enum wd_limit id);   /* the highest value it can have; UINT64_MAX: any */

struct wd_limits wd_limits_default(void);
/* "NAME=VALUE", VALUE a number with an optional k, M or G (1024). */
int wd_limits_set(struct wd_limits *limits, const char *assignment, struct wd_err *err);

/* `made` came of `taken`, and that is more than `ratio` to 1; a ratio of 0 allows nothing. */
static inline bool wd_limits_over_ratio(uint64_t made, uint64_t taken, uint64_t ratio)
{
    return ratio == 0 || made / ratio > taken;
}

#endif
