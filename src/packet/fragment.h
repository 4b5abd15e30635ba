/* packet/fragment.h - pieces of IP datagrams in, whole datagrams out.
 *
 * Shape   add() takes one fragment. Once its datagram is whole, the layers are those of the datagram: `bytes`
 *         lasts until the next call, `outside_*` are the headers of all its fragments. All others end here:
 *         WD_IS_HELD. A repetition of what is held goes to `duplicate`; a piece that contradicts what is
 *         held, one too many (limit `fragments`), and a datagram that is given up after 30 s, for room or at
 *         the end go to undecoded `fragment`, or to `other` when it was UDP and, as far as was seen, no
 *         tunnel.
 * Owns    copies of what is held: at most 256 datagrams.
 * Source  RFC 791 section 3.2, RFC 8200 section 4.5; overlap as RFC 5722 says, for both.
 */
#ifndef WD_PACKET_FRAGMENT_H
#define WD_PACKET_FRAGMENT_H

#include "base/limits.h"
#include "model/ledger.h"
#include "packet/layers.h"

struct wd_fragments;
struct wd_fragments *wd_fragments_open(const struct wd_limits *limits, struct wd_ledger *ledger);
enum wd_became wd_fragments_add(struct wd_fragments *fragments, struct wd_layers *layers);
void wd_fragments_close(struct wd_fragments *fragments);  /* gives up all that is held; NULL is fine */

#endif
