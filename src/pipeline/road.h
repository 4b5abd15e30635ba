/* pipeline/road.h - the stages of one run, plugged into each other: packets in, a profile out.
 *
 * Shape   open / begin_input / feed packets / finish / close. Whatever the source of packets is (a file,
 *         memory, an interface), it announces itself with begin_input() and hands over its packets; all
 *         inputs share one set of streams, in the order given, so rotated files continue each other.
 * Owns    its stages; the profile that finish() makes is the caller's.
 * Errors  those of the stages, passed on.
 */
#ifndef WD_PIPELINE_ROAD_H
#define WD_PIPELINE_ROAD_H

#include "model/config.h"
#include "model/packet.h"
#include "model/profile.h"
#include "model/schema.h"

struct wd_dissect;
struct wd_keylog;
struct wd_messages;
struct wd_observer;
struct wd_tcp;
struct wd_tls;

struct wd_road {
    const struct wd_config *config;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_observer *observer;
    struct wd_tls_counts tls_counts;
    struct wd_keylog *keylog;      /* feed it before the packets */
    struct wd_messages *messages;
    struct wd_tls *tls;
    struct wd_tcp *tcp;
    struct wd_dissect *dissect;
    struct wd_input *inputs;
    size_t input_count, input_cap;
    uint64_t told_connections;   /* of inputs that are no captures */
};

void wd_road_open(struct wd_road *road, const struct wd_config *config, const struct wd_schema *schema);
/* What follows comes from `name`, of which the profile keeps the last part: it can be shared without telling
 * where the capture lay. The input is valid until the next one begins. */
struct wd_input *wd_road_begin_input(struct wd_road *road, const char *name);
/* A wd_packet_fn: the next packet of the input that began last. */
int wd_road_packet(void *road, const struct wd_packet *packet);
uint64_t wd_road_messages(const struct wd_road *road);  /* that came out so far */
/* Flushes every stage, left to right, and makes the profile. */
int wd_road_finish(struct wd_road *road, struct wd_profile **out);
void wd_road_close(struct wd_road *road);

#endif
