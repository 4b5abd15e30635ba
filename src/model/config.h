/* model/config.h - .wirediet.yaml, and what the command line adds to it.
 * Owns    everything is in the arena given to usage/config. Relative names are relative to the file. */
#ifndef WD_MODEL_CONFIG_H
#define WD_MODEL_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/sample.h"

struct wd_config_consumer { struct wd_bytes name, usage; };   /* usage: a usage/1 file, resolved */
/* Names a message type: all messages of channel+direction (`name`), or by the value at path `field`. `message`:
 * of the schema, whose layout the payloads have (desk.Envelope). `codec`: what reads them. */
struct wd_config_message { struct wd_bytes channel; int direction; struct wd_bytes name, field, message, codec; };
struct wd_config_codec { struct wd_bytes channel, codec; };   /* --codec; channel "": any */
struct wd_config_entity { struct wd_bytes message, key; };
struct wd_config_map { struct wd_bytes message, path; };      /* path of the object whose keys are dynamic */
struct wd_config_sensitive { struct wd_bytes path, category; };
struct wd_suppression {
    struct wd_bytes rule, message, path, reason, expires;     /* "" where absent: any. expires: YYYY-MM-DD */
    struct wd_place at;
};

struct wd_thresholds {
    double changed_beyond;   /* 0.05: numeric change, share of the previous value */
    double slow_ratio;       /* 0.10: changed/compared at or below it is slow (WD203) */
    double snapshot_ratio;   /* 0.80: repeated share of a message's bytes (WD204) */
    double min_share;        /* 0.0: findings saving less than this share of the payload are dropped */
    double min_confidence;   /* 0.5: privacy */
    uint64_t min_messages;   /* 20: fewer messages of a type are too few for WD201-204, 207 */
};

struct wd_config {
    struct wd_place at;                    /* the file; at.file NULL when there is none */
    const struct wd_bytes *schemas, *captures, *profiles;
    size_t schema_count, capture_count, profile_count;
    const struct wd_config_consumer *consumers; size_t consumer_count;
    const struct wd_config_message *messages; size_t message_count;
    const struct wd_config_codec *codecs; size_t codec_count;  /* of the command line alone */
    const struct wd_config_entity *entities; size_t entity_count;
    const struct wd_config_map *maps; size_t map_count;
    const struct wd_config_sensitive *sensitive; size_t sensitive_count;
    const struct wd_suppression *suppressions; size_t suppression_count;
    const struct wd_place *consumer_at, *message_at, *entity_at, *map_at, *sensitive_at, *suppression_at;  /* one per entry */
    struct wd_thresholds thresholds;
    struct wd_limits limits;
    enum wd_samples samples;               /* what is kept of values, for a schema */
    bool shows_servers;                    /* --show-values of profile: the names of servers that TLS asks for are kept */
};

#endif
