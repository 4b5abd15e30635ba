/* schema/proto_features.h - what decides how fields lie on the wire, by syntax or by edition.
 *
 * Shape   a file starts from what its syntax says; messages, enums and fields inherit and override. The
 *         values are those of FeatureSet in descriptor.proto.
 * Source  Protobuf Editions, "Feature Settings for Editions": edition 2023; 2024 changes none of these.
 */
#ifndef WD_SCHEMA_PROTO_FEATURES_H
#define WD_SCHEMA_PROTO_FEATURES_H

#include "base/bytes.h"

struct ProtobufCMessage;

struct wd_proto_features { uint8_t enum_type, repeated_encoding, message_encoding; };
enum { WD_PROTO_CLOSED = 2, WD_PROTO_PACKED = 1, WD_PROTO_EXPANDED = 2, WD_PROTO_DELIMITED = 2 };

/* Where an option message keeps its features. */
enum { WD_PROTO_FILE_FEATURES = 50, WD_PROTO_MESSAGE_FEATURES = 12, WD_PROTO_FIELD_FEATURES = 21,
       WD_PROTO_ONEOF_FEATURES = 1, WD_PROTO_ENUM_FEATURES = 7 };

/* "proto2", "proto3" or "editions"; NULL is proto2. */
struct wd_proto_features wd_proto_features_of(const char *syntax);
/* Those that an option message states, over what is inherited. `options` may be NULL. */
struct wd_proto_features wd_proto_features_under(struct wd_proto_features inherited,
                                                 const struct ProtobufCMessage *options, uint32_t number);

#endif
