/* model/names.c - the words of every enumeration, printed from the tables that define them. */
#include "model/chunk.h"
#include "model/field.h"
#include "model/finding.h"
#include "model/ledger.h"
#include "model/message.h"
#include "model/profile.h"
#include "model/usage.h"

#define NAME(id, name) name,
const char *const wd_layer_names[WD_LAYER_COUNT] = { WD_LAYERS(NAME) };
const char *const wd_reason_names[WD_REASON_COUNT] = { WD_REASONS(NAME) };
const char *const wd_type_names[WD_TYPE_COUNT] = { WD_TYPES(NAME) };
const char *const wd_named_by_names[WD_NAMED_BY_COUNT] = { WD_NAMED_BY(NAME) };
const char *const wd_transport_names[WD_TRANSPORT_COUNT] = { "websocket", "sse", "http", "grpc", "ndjson" };
const char *const wd_input_kind_names[WD_INPUT_KIND_COUNT] = { WD_INPUT_KINDS(NAME) };
const char *const wd_direction_names[WD_DIRECTION_COUNT] = { "c2s", "s2c", "p2p" };
const char *const wd_use_names[3] = { "unused", "unknown", "used" };
const char *const wd_severity_names[3] = { "note", "warning", "error" };
const char *const wd_verdict_names[WD_VERDICT_COUNT] = { "needed", "unchanged", "unread", "personal-unread", "unknown" };
