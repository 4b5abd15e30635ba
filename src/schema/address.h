/* schema/address.h - does a channel of the traffic stand under an address of the schema?
 *
 * Shape   segment by segment: `{x}` of the address fits any segment, also inside one (room-{id}); a folded
 *         segment of the traffic ({}, or a template) fits only a parameter. A leading slash does not matter.
 *         A tail fits when a server's base path stands before it.
 * Source  AsyncAPI 3.0.0, channel address (RFC 6570 level 1); URI templates.
 */
#ifndef WD_SCHEMA_ADDRESS_H
#define WD_SCHEMA_ADDRESS_H

#include "base/bytes.h"

bool wd_address_fits(struct wd_bytes channel, struct wd_bytes address);
/* The address fits the last segments of the channel, at least one stands before them. */
bool wd_address_fits_tail(struct wd_bytes channel, struct wd_bytes address);

#endif
