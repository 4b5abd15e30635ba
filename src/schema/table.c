#include "schema/loader.h"

#define FORMATS(X) X(protobuf) X(asyncapi3) X(asyncapi2) X(avro) X(jsonschema) /* the one that takes almost anything last */
#define DECLARE(name) extern const struct wd_schema_format wd_schema_format_##name;
#define ROW(name) &wd_schema_format_##name,
FORMATS(DECLARE)
const struct wd_schema_format *const wd_schema_formats[] = { FORMATS(ROW) NULL };
