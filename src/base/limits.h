/* base/limits.h - every cap, its name, its default: what --limit sets and --limits prints. */
#ifndef WD_BASE_LIMITS_H
#define WD_BASE_LIMITS_H

#include "base/err.h"

/* name on the command line, member, default, unit or meaning, what happens at the limit */
#define WD_LIMITS(X) \
    X("memory", memory, 256u << 20, "bytes", "idle flows, then the largest, are given up and counted as undecoded") \
    X("flows", flows, 100000, "flows", "the least recently used flow is given up") \
    X("flow-idle", flow_idle, 300, "seconds", "an idle flow is closed") \
    X("reassembly", reassembly, 1u << 20, "bytes per direction", "the gap is declared and the stream resynchronised") \
    X("reassembly-total", reassembly_total, 64u << 20, "bytes", "the gap is declared and the stream resynchronised") \
    X("segments", segments, 1024, "segments waiting per direction", "the gap is declared") \
    X("fragments", fragments, 64, "fragments per datagram", "the datagram is dropped") \
    X("tunnels", tunnels, 8, "tunnels inside each other", "what is deeper is counted as undecoded") \
    X("packet", packet, 256u << 10, "bytes", "bad input") \
    X("block", block, 16u << 20, "bytes", "bad input") \
    X("interfaces", interfaces, 65536, "interfaces", "bad input") \
    X("message", message, 16u << 20, "bytes", "framing is counted, fields are not walked") \
    X("inflate-ratio", inflate_ratio, 1000, "to 1, past the first MiB", "the message is abandoned; with context takeover, the direction") \
    X("inflate-layers", inflate_layers, 2, "layers", "the body is abandoned") \
    X("unpack-ratio", unpack_ratio, 10000, "to 1, past the first 64 MiB", "the rest of the compressed file is not read") \
    X("inflate-total", inflate_total, 64u << 20, "bytes without a complete message", "the direction is abandoned") \
    X("secrets", secrets, 250000, "secrets of key logs", "the rest is not used") \
    X("tls-empty", tls_empty, 1024, "TLS records without content in a row", "the direction is given up") \
    X("header-list", header_list, 256u << 10, "bytes", "the stream is abandoned") \
    X("header-count", header_count, 1000, "headers", "the stream is abandoned") \
    X("header-line", header_line, 64u << 10, "bytes", "the stream is abandoned") \
    X("continuations", continuations, 32, "frames per HTTP/2 header block", "the connection is abandoned") \
    X("streams", streams, 4096, "live HTTP/2 streams per connection", "the stream used least lately is given up") \
    X("table", table, 64u << 10, "bytes of an HPACK table", "the connection is abandoned") \
    X("depth", depth, 512, "levels", "the payload is malformed") \
    X("schema-depth", schema_depth, 256, "levels", "bad input") \
    X("yaml-depth", yaml_depth, 128, "levels", "bad input") \
    X("fields", fields, 10000, "paths per message type", "the rest is counted in one (other) row") \
    X("fields-total", fields_total, 250000, "paths", "the rest is counted in one (other) row") \
    X("types", types, 4096, "message types", "the rest is counted as (other)") \
    X("entities", entities, 10000, "entities per message type", "the least recently used is forgotten") \
    X("series-fields", series_fields, 1000000, "remembered values", "the least recently used series is forgotten") \
    X("echo", echo, 16u << 20, "bytes of last messages", "messages are read field by field, which takes longer") \
    X("path", path, 4096, "bytes", "the path is folded") \
    X("map-keys", map_keys, 256, "keys under one parent", "the keys are folded into {}") \
    X("document", document, 16u << 20, "bytes", "bad input") \
    X("refs", refs, 50000, "references", "bad input") \
    X("schema-files", schema_files, 4096, "files", "bad input") \
    X("yaml-aliases", yaml_aliases, 10000, "aliases", "bad input") \
    X("yaml-nodes", yaml_nodes, 1000000, "nodes", "bad input") \
    X("rows", rows, 5000, "rows per table of a report", "the rest is counted")

struct wd_limits {
#define MEMBER(name, member, value, unit, effect) uint64_t member;
    WD_LIMITS(MEMBER)
#undef MEMBER
};

struct wd_limits wd_limits_default(void);
/* "NAME=VALUE", VALUE a number with an optional k, M or G (1024). */
int wd_limits_set(struct wd_limits *limits, const char *assignment, struct wd_err *err);

#endif
