/* tests/packet/build.h - captures and packets written by hand, byte for byte. */
#ifndef WD_TESTS_PACKET_BUILD_H
#define WD_TESTS_PACKET_BUILD_H

#include "base/buf.h"

/* Integers in either byte order. */
void put16(struct wd_buf *out, uint16_t v, bool is_big);
void put32(struct wd_buf *out, uint32_t v, bool is_big);
void put_hex(struct wd_buf *out, const char *hex);  /* "0a 0b": blanks are skipped */
void put_fill(struct wd_buf *out, size_t n, uint8_t byte);

/* Ethernet up to the type; IPv4 with `options` bytes and an optional fragment field; TCP with `options`
 * bytes. */
void put_ethernet(struct wd_buf *out, uint16_t type);
void put_ipv4(struct wd_buf *out, uint8_t protocol, size_t options, size_t payload, uint16_t fragment);
void put_ipv6(struct wd_buf *out, uint8_t next, size_t payload);
void put_tcp(struct wd_buf *out, uint32_t seq, size_t options);

/* pcap: header and records; pcapng: blocks with padding and both lengths. */
void put_pcap(struct wd_buf *out, uint32_t magic, uint32_t link_type, bool is_big);
void put_block(struct wd_buf *out, uint32_t type, struct wd_bytes body, bool is_big);
void put_section(struct wd_buf *out, bool is_big);
void put_interface(struct wd_buf *out, uint16_t link_type, uint32_t snap_len, const char *options_hex,
                   bool is_big);
void put_enhanced(struct wd_buf *out, uint32_t interface, uint64_t ticks, struct wd_bytes packet,
                  uint32_t original, bool is_big);

#endif
