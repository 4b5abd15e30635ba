/* model/packet.h - what a capture file holds, and the TCP segment inside.
 *
 * Shape   packet/ turns file bytes into packets and packets into segments. Everything that is not TCP payload
 *         is accounted to link, ip, transport, undecoded or other there; `payload` is handed on and accounted
 *         later.
 * Owns    nothing: views are valid until the emit callback returns.
 */
#ifndef WD_MODEL_PACKET_H
#define WD_MODEL_PACKET_H

#include "base/bytes.h"

struct wd_packet {
    uint64_t number;      /* 1-based in its file */
    uint64_t offset;      /* of the record in the file, bytes */
    int64_t ts_ns;        /* nanoseconds since 1970, UTC; 0 when the format has none */
    uint32_t link_type;   /* LINKTYPE_* */
    uint32_t orig_len;    /* length on the wire; bytes.len is what was captured */
    uint32_t interfaces;  /* that its file is from, as far as is known; 0 when the format does not say */
    struct wd_bytes bytes;
};

/* A conversation: compared with memcmp, so zero it before filling. Side 0 sent this segment. */
struct wd_flow_key {
    uint8_t addr[2][16];  /* IPv4 in the first 4 bytes */
    uint16_t port[2];     /* host order */
    uint16_t vlan[2];     /* outer, inner VLAN id (12 bits) + 1; 0 when untagged */
    uint32_t tunnel;      /* 0: none */
    uint8_t ip_version;   /* 4 or 6 */
    uint8_t reserved[3];
};

enum { WD_TCP_FIN = 1, WD_TCP_SYN = 2, WD_TCP_RST = 4, WD_TCP_PSH = 8, WD_TCP_ACK = 16 };

struct wd_segment {
    struct wd_flow_key key;  /* [0] is the sender */
    uint32_t seq, ack;
    uint16_t window;
    uint8_t flags;
    struct wd_bytes payload; /* as captured */
    uint32_t wire_len;       /* payload length on the wire; larger than payload.len when the packet was cut */
    int64_t ts_ns;
    uint64_t packet;
};

#endif
