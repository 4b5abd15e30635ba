/* profile/observe.h - messages in, a profile out: the only place where values are looked at.
 *
 * Shape   open, hand sink() to message/, finish(). Each message is walked by a codec, named (configuration,
 *         transport event, discriminator found in the traffic, `message`), and compared field by field with
 *         its predecessor in the series and with the last message of its entity. Messages of a channel whose
 *         discriminator is not decided are kept (64 messages or 1 MiB) and replayed in order.
 * Units   as in model/profile.h.
 * Owns    all state, freed by close; the finished profile owns itself (wd_profile_free). Values are kept as
 *         hashes with a random seed, as the last number for thresholds, and of each series the last message
 *         as text (limit echo), to see what repeats; nothing of that leaves.
 * Errors  none of its own: malformed bodies are counted. Limits: fields, types, entities, series-fields,
 *         echo.
 * Source  design: message identity, change.
 */
#ifndef WD_PROFILE_OBSERVE_H
#define WD_PROFILE_OBSERVE_H

#include "base/buf.h"
#include "model/config.h"
#include "model/profile.h"
#include "model/schema.h"

struct wd_observer;

/* `config` names messages, entities and maps; `schema`, which may be NULL, gives channel templates and maps.
 * Both outlive the observer. */
struct wd_observer *wd_observer_open(const struct wd_config *config, const struct wd_schema *schema);
struct wd_message_sink wd_observer_sink(struct wd_observer *observer);
/* Limits that act are noted there, from now on. */
void wd_observer_note_limits(struct wd_observer *observer, struct wd_ledger *ledger);
uint64_t wd_observer_messages(const struct wd_observer *observer);  /* handed in so far */
/* The profile so far; rows and types settled, ledger and inputs left to the caller. Ends the observation. */
struct wd_profile *wd_observer_finish(struct wd_observer *observer);
/* What could not be told of some channel, and what to write into the configuration: a line each. After the end. */
void wd_observer_report(const struct wd_observer *observer, struct wd_buf *out);
void wd_observer_close(struct wd_observer *observer);

#endif
