/* What goes, what stays, byte for byte: a document, the fields that go, the new text.
 *
 * Fields are named by path, `message:path`, or `message:` for a whole message; several are parted by `|`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "schema/edit.h"
#include "schema/schema.h"

struct row { const char *before, *fields, *after; };   /* after: a text, or "!" and a part of the error */

/* ---- block YAML ---- */

static const struct row block[] = {
    /* first, middle, last, all of properties; required in step */
    { "type: object\nrequired:\n  - a\n  - b\n  - c\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n  c: {type: string}\n", "a",
      "type: object\nrequired:\n  - b\n  - c\nproperties:\n  b:\n    type: string\n  c: {type: string}\n" },
    { "type: object\nrequired:\n  - a\n  - b\n  - c\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n  c: {type: string}\n", "b",
      "type: object\nrequired:\n  - a\n  - c\nproperties:\n  a:\n    type: string\n  c: {type: string}\n" },
    { "type: object\nrequired:\n  - a\n  - b\n  - c\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n  c: {type: string}\n", "c",
      "type: object\nrequired:\n  - a\n  - b\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n" },
    { "type: object\nrequired:\n  - a\n  - b\nproperties:\n  a:\n    type: string\n  b:\n    type: string\n", "a|b", "type: object\n" },
    { "required: [a, b, c]\ntype: object\nproperties:\n  a: {}\n  b: {}\n  c: {}\n", "a", "required: [b, c]\ntype: object\nproperties:\n  b: {}\n  c: {}\n" },
    { "required: [a, b, c]\ntype: object\nproperties:\n  a: {}\n  b: {}\n  c: {}\n", "b", "required: [a, c]\ntype: object\nproperties:\n  a: {}\n  c: {}\n" },
    { "required: [a, b, c]\ntype: object\nproperties:\n  a: {}\n  b: {}\n  c: {}\n", "c", "required: [a, b]\ntype: object\nproperties:\n  a: {}\n  b: {}\n" },
    { "required: [a, b, c]\ntype: object\nproperties:\n  a: {}\n  b: {}\n  c: {}\n", "a|c", "required: [b]\ntype: object\nproperties:\n  b: {}\n" },
    { "required: [a]\ntype: object\nproperties:\n  a: {}\n  b: {}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    { "required: [a, a]\ntype: object\nproperties:\n  a: {}\n  b: {}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    /* nothing to remove is no change */
    { "type: object\nproperties: {a: {}}  # x\n", "", "type: object\nproperties: {a: {}}  # x\n" },
    /* what tells what the file is stays, empty */
    { "properties:\n  a:\n    type: string\n", "a", "properties: {}\n" },
    { "properties: # all\n\n  # the one\n  a:\n    type: string\n", "a", "properties: {} # all\n\n" },
    { "$schema: http://json-schema.org/draft-07/schema#\nproperties:\n  a: {}\n", "a", "$schema: http://json-schema.org/draft-07/schema#\n" },
    { "patternProperties:\n  ^x: {}\n", "{}", "patternProperties: {}\n" },
    { "additionalProperties: {type: string}\n", "{}", "!nothing else says that the file is a JSON Schema" },
    { "items: {type: string}\n", "[]", "!nothing else says that the file is a JSON Schema" },
    { "items: {type: string}\n$id: x\n", "[]", "$id: x\n" },
    /* comments: above, behind, between, below and deeper; those of others stay */
    { "type: object\nproperties:\n  # of a\n  a: {}\n  # of b\n  # also of b\n  b:     # behind\n    type: string   # deep\n    # deeper than b\n  # of c\n  c: {}\n# end\n", "b",
      "type: object\nproperties:\n  # of a\n  a: {}\n  # of c\n  c: {}\n# end\n" },
    { "type: object\nproperties:\n  # of a\n  a: {}\n\n  # of nobody\n\n  # of b\n  b: {}\n\n  c: {}\n", "b",
      "type: object\nproperties:\n  # of a\n  a: {}\n\n  # of nobody\n\n  c: {}\n" },
    { "type: object\nproperties:\n # not like it\n  a: {}\n   # not like it\n  b: {}\n", "b", "type: object\nproperties:\n # not like it\n  a: {}\n   # not like it\n" },
    { "type: object\nproperties:\n  a: {}  # of a\n  b: {}  # of b\n", "a", "type: object\nproperties:\n  b: {}  # of b\n" },
    { "type: object\nrequired:\n# the usual\n- a\n# not always\n- b # b\n- c\nproperties: {a: {}, b: {}, c: {}}\n", "b",
      "type: object\nrequired:\n# the usual\n- a\n- c\nproperties: {a: {}, c: {}}\n" },
    /* what looks like a comment inside of a text is none */
    { "type: object\nproperties:\n  a:\n    description: |\n      # one\n      # two\n  b: {}\n", "b", "type: object\nproperties:\n  a:\n    description: |\n      # one\n      # two\n" },
    { "type: object\nproperties:\n  a: {description: 'x\n  # y'}\n  b: {}\n", "b", "type: object\nproperties:\n  a: {description: 'x\n  # y'}\n" },
    { "type: object\nproperties:\n  a:\n    description: >-\n      many\n\n      lines\n\n  b: {}\n", "a", "type: object\nproperties:\n\n  b: {}\n" },
    { "type: object\nproperties:\n  a:\n    description: one\n      two # x\n  b: {description: \"it's # here\"}\n", "a", "type: object\nproperties:\n  b: {description: \"it's # here\"}\n" },
    /* nested; a container with its members; a member alone; the last member */
    { "type: object\nproperties:\n  u:\n    type: object\n    required: [n, e]\n    properties:\n      n: {type: string}\n      e: {type: string}\n", "u.e",
      "type: object\nproperties:\n  u:\n    type: object\n    required: [n]\n    properties:\n      n: {type: string}\n" },
    { "type: object\nproperties:\n  u:\n    type: object\n    required: [e]\n    properties:\n      e: {type: string}\n  v: {}\n", "u.e",
      "type: object\nproperties:\n  u:\n    type: object\n  v: {}\n" },
    { "type: object\nproperties:\n  u:\n    properties:\n      e: {type: string}\n  v: {}\n", "u.e", "type: object\nproperties:\n  u: {}\n  v: {}\n" },
    { "type: object\nproperties:\n  u:  # of u\n    # of properties\n    properties:\n      e: {type: string}\n  v: {}\n", "u.e",
      "type: object\nproperties:\n  u: {}  # of u\n  v: {}\n" },
    { "type: object\nproperties:\n  u: !!map\n    properties:\n      e: {type: string}\n  v: {}\n", "u.e", "type: object\nproperties:\n  u: !!map {}\n  v: {}\n" },
    { "type: object\nproperties:\n  u:\n    properties:\n      e: {type: string}\n  v: {}\n", "u|v", "type: object\n" },
    { "type: object\nproperties:\n  a: {type: array, items: {type: object, properties: {p: {}, q: {}}, required: [p, q]}}\n", "a[].p",
      "type: object\nproperties:\n  a: {type: array, items: {type: object, properties: {q: {}}, required: [q]}}\n" },
    { "type: object\nproperties:\n  a:\n    type: array\n    items:\n      properties:\n        p: {}\n", "a[].p", "type: object\nproperties:\n  a:\n    type: array\n    items: {}\n" },
    { "type: object\nproperties:\n  a:\n    type: array\n    items:\n      properties:\n        p: {}\n", "a[]", "type: object\nproperties:\n  a:\n    type: array\n" },
    { "type: object\nproperties:\n  r:\n    additionalProperties: {properties: {bid: {}, ask: {}}}\n", "r{}.bid", "type: object\nproperties:\n  r:\n    additionalProperties: {properties: {ask: {}}}\n" },
    { "type: object\nproperties:\n  r:\n    type: object\n    patternProperties:\n      ^x-: {properties: {bid: {}}}\n", "r{}", "type: object\nproperties:\n  r:\n    type: object\n" },
    { "type: object\nproperties:\n  p:\n    prefixItems:\n    - type: string\n    - properties:\n        x: {}\n        y: {}\n      required: [x]\n", "p[].x",
      "type: object\nproperties:\n  p:\n    prefixItems:\n    - type: string\n    - properties:\n        y: {}\n" },
    /* names that are keywords, and keywords that are names */
    { "type: object\nproperties:\n  properties:\n    properties:\n      properties: {}\n  required: {}\n  messages:\n    properties:\n      a: {}\n", "messages.a",
      "type: object\nproperties:\n  properties:\n    properties:\n      properties: {}\n  required: {}\n  messages: {}\n" },
    { "type: object\nproperties:\n  properties:\n    properties:\n      properties: {}\n  required: {}\n", "properties.properties",
      "type: object\nproperties:\n  properties: {}\n  required: {}\n" },
    { "type: object\nproperties:\n  definitions:\n    properties:\n      a: {}\n  b: {$ref: '#/properties/definitions'}\n", "b", "type: object\nproperties:\n  definitions:\n    properties:\n      a: {}\n" },
    /* quoted keys, blanks, dots, what is not ASCII */
    { "type: object\nrequired: ['a.b', \"c d\", é]\nproperties:\n  'a.b': {}\n  \"c d\": {description: ü}\n  é: {}\n", "\"a.b\"",
      "type: object\nrequired: [\"c d\", é]\nproperties:\n  \"c d\": {description: ü}\n  é: {}\n" },
    { "type: object\ndescription: größer 🎲 als\nrequired: ['a.b', \"c d\", é]\nproperties:\n  'a.b': {description: über}\n  \"c d\": {description: ü}\n  é: {}\n", "\"c d\"",
      "type: object\ndescription: größer 🎲 als\nrequired: ['a.b', é]\nproperties:\n  'a.b': {description: über}\n  é: {}\n" },
    { "type: object\nrequired: ['a.b', \"c d\", é]\nproperties:\n  'a.b': {}\n  \"c d\": {description: ü}\n  é: {}\n", "\"é\"",
      "type: object\nrequired: ['a.b', \"c d\"]\nproperties:\n  'a.b': {}\n  \"c d\": {description: ü}\n" },
    { "\xef\xbb\xbftype: object\nproperties: {a: {}, b: {}}\n", "a", "\xef\xbb\xbftype: object\nproperties: {b: {}}\n" },
    /* explicit keys, tags, empty values, tabs, document marks */
    { "type: object\nproperties:\n  ? a\n  : type: string\n  ? b\n  : type: string\n  ? c\n  : {}\n", "a", "type: object\nproperties:\n  ? b\n  : type: string\n  ? c\n  : {}\n" },
    { "type: object\nproperties:\n  ? a\n  : type: string\n  ? b\n  : type: string\n  ? c\n  : {}\n", "b", "type: object\nproperties:\n  ? a\n  : type: string\n  ? c\n  : {}\n" },
    { "%YAML 1.1\n--- # start\ntype: object\nproperties:\n  !!str a: !!map {type: !!str string}\n  b:\t{}\t# tab\n...\n", "a", "%YAML 1.1\n--- # start\ntype: object\nproperties:\n  b:\t{}\t# tab\n...\n" },
    { "%YAML 1.1\n--- # start\ntype: object\nproperties:\n  !!str a: !!map {type: !!str string}\n  b:\t{}\t# tab\n...\n", "b", "%YAML 1.1\n--- # start\ntype: object\nproperties:\n  !!str a: !!map {type: !!str string}\n...\n" },
    { "type: object\nproperties:\n  a:\n    default:\n    type: string\n  b: {}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    { "type: object\nproperties:\n  b: {}\n  a:\n    type: string\n    default:\n", "a", "type: object\nproperties:\n  b: {}\n" },
    /* ends of lines and of the file */
    { "type: object\nproperties:\n  a: {}\n  b: {}", "b", "type: object\nproperties:\n  a: {}\n" },
    { "type: object\nproperties:\n  a: {}\n  b: {}", "a", "type: object\nproperties:\n  b: {}" },
    { "properties:\n  a: {}", "a", "properties: {}\n" },
    { "type: object\r\nrequired:\r\n- a\r\n- b\r\nproperties:\r\n  # of a\r\n  a: {}\r\n  b: {}\r\n", "a", "type: object\r\nrequired:\r\n- b\r\nproperties:\r\n  b: {}\r\n" },
    { "type: object\rrequired:\r- a\r- b\rproperties:\r  # of a\r  a: {}\r  b: {}\r", "a", "type: object\rrequired:\r- b\rproperties:\r  b: {}\r" },
    /* entries that share a line with a dash, or with several */
    { "allOf:\n- required: [a]\n  properties:\n    a: {}\n  type: object\n- properties: {b: {}}\n", "a", "allOf:\n- type: object\n- properties: {b: {}}\n" },
    { "allOf:\n- required: [a]\n  # of properties\n  properties:\n    a: {}\n    c: {}\n- properties: {b: {}}\n", "a", "allOf:\n- # of properties\n  properties:\n    c: {}\n- properties: {b: {}}\n" },
    { "allOf:\n- required: [a] # x\n\n  properties:\n    a: {}\n    c: {}\n- properties: {b: {}}\n", "a", "allOf:\n- properties:\n    c: {}\n- properties: {b: {}}\n" },
    { "allOf:\n-\n  required: [a]\n  properties:\n    a: {}\n    c: {}\n- properties: {b: {}}\n", "a", "allOf:\n-\n  properties:\n    c: {}\n- properties: {b: {}}\n" },
    { "allOf:\n- # first\n  required: [a]\n  properties:\n    a: {}\n- properties: {b: {}}\n", "a", "allOf:\n- properties: {b: {}}\n" },
    { "allOf:\n-   properties:\n      a: {}\n    required: [a]\n-   properties: {b: {}}\n", "b", "allOf:\n-   properties:\n      a: {}\n    required: [a]\n" },
    { "prefixItems:\n- - 1\n- properties:\n    a: {}\n", "[].a", "!a schema is a map" },
    { "properties:\n  x:\n    items:\n    - properties:\n        a: {}\n    - properties:\n        b: {}\n", "x[].a", "properties:\n  x:\n    items:\n    - {}\n    - properties:\n        b: {}\n" },
    { "type: object\nproperties:\n  x: {type: array}\nrequired:\n-\n  # far\n  x\n-   y\n", "x", "type: object\nrequired:\n-   y\n" },
};

/* ---- flow YAML and JSON ---- */

static const struct row flow[] = {
    { "--- {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}\n", "a", "--- {type: object, required: [b], properties: {b: {type: string}}}\n" },
    { "--- {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}\n", "b", "--- {type: object, required: [a], properties: {a: {type: string}}}\n" },
    { "--- {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}}\n", "a|b", "--- {type: object}\n" },
    { "--- {properties: {a: {type: string}, b: {type: string}}}\n", "a|b", "--- {properties: {}}\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "a", "type: object\nproperties: { b: {} , c: {} }\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "b", "type: object\nproperties: { a: { type: string } , c: {} }\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "c", "type: object\nproperties: { a: { type: string } , b: {} }\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "a|b", "type: object\nproperties: { c: {} }\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "b|c", "type: object\nproperties: { a: { type: string } }\n" },
    { "type: object\nproperties: { a: { type: string } , b: {} , c: {} }\n", "a|c", "type: object\nproperties: { b: {} }\n" },
    { "type: object\nproperties: {a: {}, b: {},}\n", "b", "type: object\nproperties: {a: {},}\n" },
    { "type: object\nproperties: {a, b: {}}\n", "b", "!a schema is a map" },
    { "type: object\nproperties: {u: {properties: {x: {}, y: {}}}, b: {}, v: {properties: {x: {}}}}\n", "b|u.x|v.x",
      "type: object\nproperties: {u: {properties: {y: {}}}, v: {}}\n" },
    { "type: object\nproperties: {!!str 'a': {}, ? b : {}, \"c\":{}}\n", "a", "type: object\nproperties: {? b : {}, \"c\":{}}\n" },
    { "type: object\nproperties: {!!str 'a': {}, ? b : {}, \"c\":{}}\n", "b", "type: object\nproperties: {!!str 'a': {}, \"c\":{}}\n" },
    { "allOf: [properties: {a: {}}, properties: {b: {}}]\n", "a", "allOf: [properties: {b: {}}]\n" },
    { "oneOf: [properties: {a: {}}, properties: {b: {}}]\n", "a", "oneOf: [{}, properties: {b: {}}]\n" },
    /* many lines: an entry that has its lines for itself goes with them */
    { "type: object\nrequired: [\n  a,  # of a\n  # above b\n  b,  # of b\n  c   # of c\n]\nproperties: {a: {}, b: {}, c: {}}\n", "b",
      "type: object\nrequired: [\n  a,  # of a\n  c   # of c\n]\nproperties: {a: {}, c: {}}\n" },
    { "type: object\nrequired: [\n  a,  # of a\n  # above b\n  b,  # of b\n  c   # of c\n]\nproperties: {a: {}, b: {}, c: {}}\n", "c",
      "type: object\nrequired: [\n  a,  # of a\n  # above b\n  b  # of b\n]\nproperties: {a: {}, b: {}}\n" },
    { "type: object\nrequired: [\n  a,\n  b,\n]\nproperties: {a: {}, b: {}}\n", "b", "type: object\nrequired: [\n  a,\n]\nproperties: {a: {}}\n" },
    { "type: object\nrequired: [ # all\n  a,\n  b ]\nproperties: {a: {}, b: {}}\n", "a", "type: object\nrequired: [ # all\n  b ]\nproperties: {b: {}}\n" },
    { "type: object\nrequired: [ # all\n  a, # of a\n  b ]\nproperties: {a: {}, b: {}}\n", "b", "type: object\nrequired: [ # all\n  a, # of a\n   ]\nproperties: {a: {}}\n" },
    { "type: object\nrequired: [a, b,\n  c, d]\nproperties: {a: {}, b: {}, c: {}, d: {}}\n", "b|c", "type: object\nrequired: [a, d]\nproperties: {a: {}, d: {}}\n" },
    { "type: object\nproperties: { a: {}, b: {}, # of b\n  # above c\n  c: {}}\n", "b", "type: object\nproperties: { a: {},\n  # above c\n  c: {}}\n" },
    { "type: object\nproperties: { a: {}, # of a\r\n  c: {}}\n", "a", "type: object\nproperties: {\r\n  c: {}}\n" },
    { "type: object\nproperties: { a: {}, # of a\n  b: {}, }\n", "b", "type: object\nproperties: { a: {}, # of a\n   }\n" },
    { "type: object\nproperties: {\n  a: {\n    type: string },\n  b: {}\n  }\n", "a", "type: object\nproperties: {\n  b: {}\n  }\n" },
    /* the comma in front: it goes with the entry behind it, and with the first that goes when another comes first */
    { "{ \"type\": \"object\"\n, \"required\":\n  [ \"a\"\n  , \"b\"\n  , \"c\"\n  ]\n, \"properties\":\n  { \"a\": {}\n  , \"b\": {}\n  , \"c\": {}\n  }\n}\n", "a",
      "{ \"type\": \"object\"\n, \"required\":\n  [ \"b\"\n  , \"c\"\n  ]\n, \"properties\":\n  { \"b\": {}\n  , \"c\": {}\n  }\n}\n" },
    { "{ \"type\": \"object\"\n, \"required\":\n  [ \"a\"\n  , \"b\"\n  , \"c\"\n  ]\n, \"properties\":\n  { \"a\": {}\n  , \"b\": {}\n  , \"c\": {}\n  }\n}\n", "b",
      "{ \"type\": \"object\"\n, \"required\":\n  [ \"a\"\n  , \"c\"\n  ]\n, \"properties\":\n  { \"a\": {}\n  , \"c\": {}\n  }\n}\n" },
    { "{ \"type\": \"object\"\n, \"required\":\n  [ \"a\"\n  , \"b\"\n  , \"c\"\n  ]\n, \"properties\":\n  { \"a\": {}\n  , \"b\": {}\n  , \"c\": {}\n  }\n}\n", "b|c",
      "{ \"type\": \"object\"\n, \"required\":\n  [ \"a\"\n  ]\n, \"properties\":\n  { \"a\": {}\n  }\n}\n" },
    { "{\"type\": \"object\", \"properties\": {\n  \"a\": {}\n  ,\n  \"b\": {}\n  ,\n  \"c\": {}\n}}\n", "a",
      "{\"type\": \"object\", \"properties\": {\n  \"b\": {}\n  ,\n  \"c\": {}\n}}\n" },
    { "{\"type\": \"object\", \"properties\": {\n  \"a\": {}\n  ,\n  \"b\": {}\n  ,\n  \"c\": {}\n}}\n", "b",
      "{\"type\": \"object\", \"properties\": {\n  \"a\": {}\n  ,\n  \"c\": {}\n}}\n" },
    { "{\"type\": \"object\", \"properties\": {\n  \"a\": {}\n  ,\n  \"b\": {}\n  ,\n  \"c\": {}\n}}\n", "c",
      "{\"type\": \"object\", \"properties\": {\n  \"a\": {}\n  ,\n  \"b\": {}\n}}\n" },
    { "type: object\nproperties: { a: {} # of a\n  , b: {} # of b\n  , c: {} # of c\n  }\n", "a", "type: object\nproperties: { b: {} # of b\n  , c: {} # of c\n  }\n" },
    { "type: object\nproperties: { a: {} # of a\n  , b: {} # of b\n  , c: {} # of c\n  }\n", "b", "type: object\nproperties: { a: {} # of a\n  , c: {} # of c\n  }\n" },
    /* JSON: compact, pretty, CRLF, tabs, no line end */
    { "{\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{}}}", "a",
      "{\"type\":\"object\",\"required\":[\"b\"],\"properties\":{\"b\":{}}}" },
    { "{\"type\":\"object\",\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{}}}", "b",
      "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\"}}}" },
    { "{\"required\":[\"a\",\"b\"],\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{}}}", "b|a", "{\"properties\":{}}" },
    { "{\n  \"type\": \"object\",\n  \"required\": [\n    \"a\",\n    \"b\"\n  ],\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    },\n    \"b\": {}\n  }\n}\n", "a",
      "{\n  \"type\": \"object\",\n  \"required\": [\n    \"b\"\n  ],\n  \"properties\": {\n    \"b\": {}\n  }\n}\n" },
    { "{\n  \"type\": \"object\",\n  \"required\": [\n    \"a\",\n    \"b\"\n  ],\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    },\n    \"b\": {}\n  }\n}\n", "b",
      "{\n  \"type\": \"object\",\n  \"required\": [\n    \"a\"\n  ],\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    }\n  }\n}\n" },
    { "{\n  \"type\": \"object\",\n  \"required\": [\n    \"a\",\n    \"b\"\n  ],\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    },\n    \"b\": {}\n  }\n}\n", "a|b",
      "{\n  \"type\": \"object\"\n}\n" },
    { "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"u\": {\n      \"properties\": {\n        \"a\": {}\n      }\n    }\n  }\n}\n", "u.a",
      "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"u\": {}\n  }\n}\n" },
    { "{\r\n\t\"type\": \"object\",\r\n\t\"properties\": {\r\n\t\t\"a\": {},\r\n\t\t\"b\": {}\r\n\t}\r\n}\r\n", "b",
      "{\r\n\t\"type\": \"object\",\r\n\t\"properties\": {\r\n\t\t\"a\": {}\r\n\t}\r\n}\r\n" },
    { "{ \"type\" : \"object\" , \"properties\" : { \"a\" : { } , \"b\" : { } } }\n", "a", "{ \"type\" : \"object\" , \"properties\" : { \"b\" : { } } }\n" },
    { "{ \"type\" : \"object\" , \"properties\" : { \"a\" : { } , \"b\" : { } } }\n", "b", "{ \"type\" : \"object\" , \"properties\" : { \"a\" : { } } }\n" },
    { "{\"type\": \"object\", \"properties\": {\"\\u00e9\": {}, \"a\\\"b\": {\"description\": \"}, # {\"}, \"c\": {}}}", "\"a\\\"b\"",
      "{\"type\": \"object\", \"properties\": {\"\\u00e9\": {}, \"c\": {}}}" },
    { "{\"type\": \"object\", \"properties\": {\"\\u00e9\": {}, \"a\\\"b\": {\"description\": \"}, # {\"}, \"c\": {}}}", "\"é\"",
      "{\"type\": \"object\", \"properties\": {\"a\\\"b\": {\"description\": \"}, # {\"}, \"c\": {}}}" },
};

/* ---- who else speaks of it ---- */

static const struct row mentions[] = {
    { "type: object\nallOf:\n- properties: {a: {}, b: {}}\n- required: [a, b]\n", "a", "type: object\nallOf:\n- properties: {b: {}}\n- required: [b]\n" },
    { "type: object\nallOf:\n- properties: {a: {}, b: {}}\n- required: [a]\n", "a", "type: object\nallOf:\n- properties: {b: {}}\n" },
    { "type: object\nrequired: [a]\nallOf:\n- properties: {a: {}}\n", "a", "type: object\n" },
    { "type: object\nrequired: [a]\noneOf:\n- properties: {a: {}, b: {}}\n- properties: {a: {type: string}}\n  required: [a]\n", "a", "type: object\noneOf:\n- properties: {b: {}}\n- {}\n" },
    { "type: object\nproperties: {a: {}, b: {}}\nanyOf:\n- required: [a]\n- required: [b]\n", "a", "type: object\nproperties: {b: {}}\nanyOf:\n- {}\n- required: [b]\n" },
    { "type: object\nproperties: {a: {}, b: {}}\nif: {properties: {b: {const: 1}}}\nthen: {required: [a]}\nelse:\n  required: [a, b]\n", "a",
      "type: object\nproperties: {b: {}}\nif: {properties: {b: {const: 1}}}\nthen: {}\nelse:\n  required: [b]\n" },
    /* a condition that asks for it is false from now on, as it says */
    { "type: object\nproperties: {a: {}, b: {}}\nif: {required: [a]}\nthen: {required: [b]}\n", "a", "type: object\nproperties: {b: {}}\nif: {required: [a]}\nthen: {required: [b]}\n" },
    { "type: object\nproperties: {a: {}, b: {}}\nnot: {required: [a]}\n", "a", "type: object\nproperties: {b: {}}\nnot: {required: [a]}\n" },
    { "type: object\nproperties: {a: {}, b: {}, c: {}}\ndependentRequired: {b: [a], c: [a, b]}\n", "a", "type: object\nproperties: {b: {}, c: {}}\ndependentRequired: {c: [b]}\n" },
    { "$schema: http://json-schema.org/draft-07/schema#\nproperties: {a: {}, b: {}}\ndependencies:\n  b: [a]\n", "a", "$schema: http://json-schema.org/draft-07/schema#\nproperties: {b: {}}\n" },
    /* deeper objects have names of their own */
    { "type: object\nrequired: [a]\nproperties:\n  a: {}\n  u: {required: [a], properties: {a: {}}}\n", "a", "type: object\nproperties:\n  u: {required: [a], properties: {a: {}}}\n" },
    { "type: object\nrequired: [a]\nproperties:\n  a: {}\n  u: {required: [a], properties: {a: {}}}\n", "u.a", "type: object\nrequired: [a]\nproperties:\n  a: {}\n  u: {}\n" },
    /* names in what is referred to */
    { "allOf:\n- $ref: '#/$defs/base'\n- properties:\n    a: {}\n    b: {}\n$defs:\n  base:\n    type: object\n    required: [a, b]\n", "a",
      "allOf:\n- $ref: '#/$defs/base'\n- properties:\n    b: {}\n$defs:\n  base:\n    type: object\n    required: [b]\n" },
    { "properties:\n  x: {$ref: '#/$defs/base', properties: {a: {}, b: {}}}\n  y: {$ref: '#/$defs/base', properties: {a: {}, b: {}}}\n$defs:\n  base: {required: [a, b]}\n", "x.a",
      "!a 'required' list names it for another field that stays" },
    { "properties:\n  x: {$ref: '#/$defs/base', properties: {a: {}, b: {}}}\n  y: {$ref: '#/$defs/base', properties: {a: {}, b: {}}}\n$defs:\n  base: {required: [a, b]}\n", "x.a|y.a",
      "properties:\n  x: {$ref: '#/$defs/base', properties: {b: {}}}\n  y: {$ref: '#/$defs/base', properties: {b: {}}}\n$defs:\n  base: {required: [b]}\n" },
    /* a required list that an alias shares */
    { "properties:\n  x: {required: &r [a], properties: {a: {}}}\n  y: {required: *r, properties: {a: {}}}\n", "x.a", "!names" },
    { "properties:\n  x: {required: &r [a, b], properties: {a: {}, b: {}}}\n  y: {required: *r, properties: {a: {}, b: {}}}\n", "x.a|y.a",
      "properties:\n  x: {required: &r [b], properties: {b: {}}}\n  y: {required: *r, properties: {b: {}}}\n" },
    /* examples */
    { "type: object\nproperties:\n  a: {}\n  l: {type: array, items: {properties: {p: {}, q: {}}, examples: [{p: 1, q: 2}]}}\nexamples:\n- a: 1\n  l: [{p: 1, q: 2}, {p: 3}]\n- {a: 2}\n", "a|l[].p",
      "type: object\nproperties:\n  l: {type: array, items: {properties: {q: {}}, examples: [{q: 2}]}}\nexamples:\n- l: [{q: 2}, {}]\n- {}\n" },
};

/* ---- references, definitions, anchors ---- */

static const struct row references[] = {
    /* orphans go: chains, circles, those that refer to themselves; what something else needs stays, and what nobody ever needed */
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x'}\n  b: {$ref: '#/$defs/z'}\n$defs:\n  # of x\n  x: {$ref: '#/$defs/y'}\n  y: {type: string}\n  z: {type: string}\n  w: {type: string}\n", "a",
      "type: object\nproperties:\n  b: {$ref: '#/$defs/z'}\n$defs:\n  z: {type: string}\n  w: {type: string}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x'}\n  b: {$ref: '#/$defs/y'}\n$defs:\n  x: {$ref: '#/$defs/y'}\n  y: {type: string}\n", "a",
      "type: object\nproperties:\n  b: {$ref: '#/$defs/y'}\n$defs:\n  y: {type: string}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/definitions/x'}\n  b: {}\ndefinitions:\n  x: {properties: {kids: {items: {$ref: '#/definitions/x'}}}}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x'}\n  b: {}\n$defs:\n  x: {properties: {y: {$ref: '#/$defs/y'}}}\n  y: {properties: {x: {$ref: '#/$defs/x'}}}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x'}\n  b: {}\n$defs:\n  x: {type: string}\n  w: {$ref: '#/$defs/x'}\n", "a",
      "type: object\nproperties:\n  b: {}\n$defs:\n  x: {type: string}\n  w: {$ref: '#/$defs/x'}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x/$defs/y'}\n  b: {$ref: '#/$defs/x'}\n$defs:\n  x:\n    type: object\n    $defs:\n      y: {type: string}\n", "a",
      "type: object\nproperties:\n  b: {$ref: '#/$defs/x'}\n$defs:\n  x:\n    type: object\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x/$defs/y'}\n  b: {$ref: '#/$defs/x'}\n$defs:\n  x:\n    type: object\n    $defs:\n      y: {type: string}\n", "b",
      "type: object\nproperties:\n  a: {$ref: '#/$defs/x/$defs/y'}\n$defs:\n  x:\n    type: object\n    $defs:\n      y: {type: string}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/a~1b%20c'}\n  b: {}\n$defs: {\"a/b c\": {type: string}, k: {}}\n", "a", "type: object\nproperties:\n  b: {}\n$defs: {k: {}}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#pet'}\n  b: {$ref: '#/$defs/p'}\n$defs: {p: {$anchor: pet, type: string}}\n", "b", "type: object\nproperties:\n  a: {$ref: '#pet'}\n$defs: {p: {$anchor: pet, type: string}}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#pet'}\n  b: {$ref: '#/$defs/p'}\n$defs: {p: {$anchor: pet, type: string}}\n", "a|b", "type: object\n" },
    { "type: object\nproperties:\n  a: {$ref: 'urn:p'}\n  b: {}\n$defs: {p: {$id: 'urn:p', type: string}}\n", "a", "type: object\nproperties:\n  b: {}\n" },
    /* a field that is declared in a definition goes there, for all */
    { "properties:\n  x: {$ref: '#/$defs/p'}\n  y: {$ref: '#/$defs/p'}\n$defs:\n  p:\n    required: [a]\n    properties: {a: {}, b: {}}\n", "x.a",
      "properties:\n  x: {$ref: '#/$defs/p'}\n  y: {$ref: '#/$defs/p'}\n$defs:\n  p:\n    properties: {b: {}}\n" },
    { "$ref: '#/$defs/t'\n$defs:\n  t:\n    type: object\n    required: [v, kids]\n    properties:\n      v: {type: string}\n      kids: {type: array, items: {$ref: '#/$defs/t'}}\n", "v",
      "$ref: '#/$defs/t'\n$defs:\n  t:\n    type: object\n    required: [kids]\n    properties:\n      kids: {type: array, items: {$ref: '#/$defs/t'}}\n" },
    { "$ref: '#/$defs/t'\n$defs:\n  t:\n    type: object\n    required: [v, kids]\n    properties:\n      v: {type: string}\n      kids: {type: array, items: {$ref: '#/$defs/t'}}\n", "kids",
      "$ref: '#/$defs/t'\n$defs:\n  t:\n    type: object\n    required: [v]\n    properties:\n      v: {type: string}\n" },
    /* what stays may not lead into what goes */
    { "type: object\nproperties:\n  a: {$ref: '#/properties/b'}\n  b: {type: string}\n", "b", "!3:3: a $ref that stays leads into it" },
    { "type: object\nproperties:\n  a: {$ref: '#/properties/b/properties/c'}\n  b: {properties: {c: {}}}\n", "b", "!a $ref that stays leads into it" },
    { "type: object\nproperties:\n  a: {$ref: '#/properties/b'}\n  b: {type: string}\n", "a|b", "type: object\n" },
    { "type: object\nproperties:\n  a: &x {type: string}\n  b: *x\n", "a", "!4:3: an alias that stays names an anchor in it" },
    { "type: object\nproperties:\n  a: &x {type: string}\n  b: *x\n", "b", "type: object\nproperties:\n  a: &x {type: string}\n" },
    { "type: object\nproperties:\n  a: &x {type: string}\n  b: *x\n  c: {}\n", "a|b", "type: object\nproperties:\n  c: {}\n" },
    { "type: object\nproperties:\n  &k a: {}\n  b: {description: *k}\n  c: {}\n", "a", "!an alias that stays names an anchor in it" },
    { "type: object\nproperties:\n  &k a: {}\n  b: {description: *k}\n  c: {}\n", "b", "type: object\nproperties:\n  &k a: {}\n  c: {}\n" },
    { "type: object\nrequired: [&n a, b]\nproperties: {a: {}, b: {description: *n}}\n", "a", "!an alias that stays" },
    { "type: object\nrequired: [&n a, b]\nproperties: {a: {}, b: {description: *n}}\n", "b", "type: object\nrequired: [&n a]\nproperties: {a: {}}\n" },
    /* `<<` lends members: removed where they are written */
    { "$defs:\n  base: &base\n    a: {type: string}\n    b: {type: string}\ntype: object\nproperties:\n  <<: *base\n  c: {}\n", "a",
      "$defs:\n  base: &base\n    b: {type: string}\ntype: object\nproperties:\n  <<: *base\n  c: {}\n" },
    { "$defs:\n  base: &base\n    a: {type: string}\ntype: object\nproperties:\n  <<: *base\n  c: {}\n", "a",
      "$defs:\n  base: &base {}\ntype: object\nproperties:\n  <<: *base\n  c: {}\n" },
    { "x: &base\n  a: {type: string}\ntype: object\nproperties:\n  <<: *base\n  a: {type: integer}\n", "a", "!'<<' lends a property of the same name" },
    { "x: &base\n  a: {type: string}\ntype: object\nproperties:\n  <<: *base\n  c: {type: integer}\n", "c", "x: &base\n  a: {type: string}\ntype: object\nproperties:\n  <<: *base\n" },
    { "properties:\n  a: &a {type: object, required: [x], properties: {x: {}, y: {}}}\n  c:\n    <<: *a\n    description: d\n", "c.x",
      "properties:\n  a: &a {type: object, properties: {y: {}}}\n  c:\n    <<: *a\n    description: d\n" },
};

/* ---- AsyncAPI ---- */

#define V2 "asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\n"
#define V3 "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n"

static const struct row asyncapi[] = {
    /* 2.x: one of several, the only one, one that is written in place */
    { V2 "channels:\n  /a:\n    subscribe:\n      message:\n        oneOf:\n        - $ref: '#/components/messages/x'\n        - $ref: '#/components/messages/y'\ncomponents:\n  messages:\n    x: {payload: {$ref: '#/components/schemas/X'}}\n    y: {payload: {type: string}}\n  schemas:\n    X: {type: object}\n", "x:",
      V2 "channels:\n  /a:\n    subscribe:\n      message:\n        oneOf:\n        - $ref: '#/components/messages/y'\ncomponents:\n  messages:\n    y: {payload: {type: string}}\n" },
    { V2 "channels:\n  /a:\n    description: d\n    publish: {message: {$ref: '#/components/messages/x'}}\n    subscribe: {message: {$ref: '#/components/messages/y'}}\ncomponents:\n  messages:\n    x: {}\n    y: {}\n", "x:",
      V2 "channels:\n  /a:\n    description: d\n    subscribe: {message: {$ref: '#/components/messages/y'}}\ncomponents:\n  messages:\n    y: {}\n" },
    { V2 "channels:\n  /a:\n    publish:\n      message:\n        oneOf:\n        - name: x\n          payload: {}\n  /b: {subscribe: {message: {name: y, payload: {}}}}\n", "x:",
      V2 "channels:\n  /a: {}\n  /b: {subscribe: {message: {name: y, payload: {}}}}\n" },
    { V2 "channels:\n  /a:\n    publish: {message: {name: x, payload: {}}}\n  /b: {subscribe: {message: {name: y, payload: {}}}}\n", "y:",
      V2 "channels:\n  /a:\n    publish: {message: {name: x, payload: {}}}\n  /b: {}\n" },
    /* 3.0: channel, operations, replies; an operation without a message goes, a channel stays */
    { V3 "channels:\n  c:\n    address: /c\n    messages:\n      x: {$ref: '#/components/messages/x'}\n      y: {$ref: '#/components/messages/y'}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages:\n    - $ref: '#/channels/c/messages/x'\n    - $ref: '#/channels/c/messages/y'\n  r:\n    action: receive\n    channel: {$ref: '#/channels/c'}\n    messages: [{$ref: '#/channels/c/messages/x'}]\ncomponents: {messages: {x: {}, y: {}}}\n", "x:",
      V3 "channels:\n  c:\n    address: /c\n    messages:\n      y: {$ref: '#/components/messages/y'}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages:\n    - $ref: '#/channels/c/messages/y'\ncomponents: {messages: {y: {}}}\n" },
    { V3 "channels:\n  c: {address: /c, messages: {x: {payload: {}}}}\n  d: {address: /d, messages: {y: {payload: {}}}}\noperations:\n  s: {action: send, channel: {$ref: '#/channels/c'}}\n  t: {action: send, channel: {$ref: '#/channels/d'}}\n", "x:",
      V3 "channels:\n  c: {address: /c}\n  d: {address: /d, messages: {y: {payload: {}}}}\noperations:\n  t: {action: send, channel: {$ref: '#/channels/d'}}\n" },
    { V3 "channels:\n  c: {address: /c, messages: {x: {payload: {}}, y: {payload: {}}}}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages: [{$ref: '#/channels/c/messages/x'}]\n    reply:\n      channel: {$ref: '#/channels/c'}\n      messages: [{$ref: '#/channels/c/messages/y'}]\n", "y:",
      V3 "channels:\n  c: {address: /c, messages: {x: {payload: {}}}}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages: [{$ref: '#/channels/c/messages/x'}]\n" },
    { V3 "channels:\n  c: {address: /c, messages: {x: {payload: {}}, y: {payload: {}}}}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages: [{$ref: '#/channels/c/messages/x'}]\n    reply:\n      channel: {$ref: '#/channels/c'}\n      messages: [{$ref: '#/channels/c/messages/y'}]\n", "x:",
      "!10:5: a reply that stays answers it" },
    { V3 "channels:\n  c: {address: /c, messages: {x: {payload: {}}, y: {payload: {}}, z: {payload: {}}}}\noperations:\n  s:\n    action: send\n    channel: {$ref: '#/channels/c'}\n    messages: [{$ref: '#/channels/c/messages/x'}]\n    reply:\n      channel: {$ref: '#/channels/c'}\n      messages: [{$ref: '#/channels/c/messages/y'}]\n", "x:|y:",
      V3 "channels:\n  c: {address: /c, messages: {z: {payload: {}}}}\n" },
    { V3 "channels:\n  c: {address: /c, messages: {x: {payload: {$ref: '#/components/messages/y/payload'}}, y: {$ref: '#/components/messages/y'}}}\ncomponents: {messages: {y: {payload: {type: string}}}}\n", "y:",
      "!a $ref that stays leads into it" },
    /* fields of a component: the definition stays while another message has it */
    { V3 "channels:\n  c:\n    address: /c\n    messages:\n      x: {payload: {type: object, required: [who, n], properties: {who: {$ref: '#/components/schemas/P'}, n: {}}}}\n      y: {payload: {type: object, properties: {who: {$ref: '#/components/schemas/P'}}}}\ncomponents:\n  schemas:\n    P: {type: object, properties: {mail: {}}}\n", "x:who",
      V3 "channels:\n  c:\n    address: /c\n    messages:\n      x: {payload: {type: object, required: [n], properties: {n: {}}}}\n      y: {payload: {type: object, properties: {who: {$ref: '#/components/schemas/P'}}}}\ncomponents:\n  schemas:\n    P: {type: object, properties: {mail: {}}}\n" },
    { V3 "channels:\n  c:\n    address: /c\n    messages:\n      x: {payload: {type: object, required: [who, n], properties: {who: {$ref: '#/components/schemas/P'}, n: {}}}}\n      y: {payload: {type: object, properties: {who: {$ref: '#/components/schemas/P'}}}}\ncomponents:\n  schemas:\n    P: {type: object, properties: {mail: {}}}\n", "x:who|y:who",
      V3 "channels:\n  c:\n    address: /c\n    messages:\n      x: {payload: {type: object, required: [n], properties: {n: {}}}}\n      y: {payload: {type: object}}\n" },
    /* headers may refer to the same schema */
    { V3 "channels:\n  c:\n    address: /c\n    messages:\n      x:\n        headers: {$ref: '#/components/schemas/P'}\n        payload: {type: object, properties: {p: {$ref: '#/components/schemas/P'}}}\ncomponents:\n  schemas:\n    P: {type: object}\n", "p",
      V3 "channels:\n  c:\n    address: /c\n    messages:\n      x:\n        headers: {$ref: '#/components/schemas/P'}\n        payload: {type: object}\ncomponents:\n  schemas:\n    P: {type: object}\n" },
    /* a wrapped payload, and examples of the message */
    { V3 "channels:\n  c:\n    address: /c\n    messages:\n      x:\n        payload:\n          schemaFormat: application/schema+json;version=draft-07\n          schema: {type: object, required: [a], properties: {a: {}, b: {}}}\n        examples:\n        - name: e\n          payload: {a: 1, b: 2}\n        - payload:\n            a: 1\n", "a",
      V3 "channels:\n  c:\n    address: /c\n    messages:\n      x:\n        payload:\n          schemaFormat: application/schema+json;version=draft-07\n          schema: {type: object, properties: {b: {}}}\n        examples:\n        - name: e\n          payload: {b: 2}\n        - payload: {}\n" },
};

/* ---- the first stage: marked, not removed ---- */

static const struct row deprecations[] = {
    { "type: object\nproperties:\n  a:\n    type: string\n  b: {}\n", "a", "type: object\nproperties:\n  a:\n    deprecated: true\n    type: string\n  b: {}\n" },
    { "type: object\nproperties:\n  a:\n    # why\n    type: string\n  b: {}\n", "a|b", "type: object\nproperties:\n  a:\n    # why\n    deprecated: true\n    type: string\n  b: {deprecated: true}\n" },
    { "type: object\nproperties: {a: {type: string}, b: { type: string }}\n", "a|b", "type: object\nproperties: {a: {deprecated: true, type: string}, b: { deprecated: true, type: string }}\n" },
    { "type: object\nproperties: {a: { # c\n    type: string }, b: {\n  }}\n", "a|b", "type: object\nproperties: {a: { # c\n    deprecated: true,\n    type: string }, b: {deprecated: true\n  }}\n" },
    { "type: object\nproperties: {a: {deprecated: false}, b: {deprecated: true}}\n", "a|b", "type: object\nproperties: {a: {deprecated: true}, b: {deprecated: true}}\n" },
    { "type: object\nproperties: {a: {deprecated}, b: {deprecated: , type: string}}\n", "a|b", "type: object\nproperties: {a: {deprecated: true}, b: {deprecated: true , type: string}}\n" },
    { "type: object\nproperties:\n  a:\n    deprecated: # why\n    type: string\n  b:\n    ? deprecated\n    type: string\n", "a|b", "type: object\nproperties:\n  a:\n    deprecated: true # why\n    type: string\n  b:\n    deprecated: true\n    type: string\n" },
    { "type: object\nproperties: {a: true}\n", "a", "type: object\nproperties: {a: {deprecated: true}}\n" },
    { "type: object\nproperties:\n  a: &x\n    type: string\n  b: *x\n", "b", "type: object\nproperties:\n  a: &x\n    type: string\n  b: {<<: *x, deprecated: true}\n" },
    { "type: object\nproperties:\n  a: {$ref: '#/$defs/x'}\n$defs: {x: {}}\n", "a", "type: object\nproperties:\n  a: {deprecated: true, allOf: [{$ref: '#/$defs/x'}]}\n$defs: {x: {}}\n" },
    /* beside a $ref nothing is heard, in many readers */
    { "properties:\n  a:\n    $ref: '#/$defs/x' # why\n  b: {}\n$defs: {x: {}}\n", "a", "properties:\n  a:\n    deprecated: true\n    allOf:\n    - $ref: '#/$defs/x' # why\n  b: {}\n$defs: {x: {}}\n" },
    { "properties:\n  a:\n    description: |\n      one\n\n       two\n    $ref: '#/$defs/x'\n$defs: {x: {}}\n", "a", "properties:\n  a:\n    deprecated: true\n    allOf:\n    - description: |\n        one\n\n         two\n      $ref: '#/$defs/x'\n$defs: {x: {}}\n" },
    { "$schema: http://json-schema.org/draft-07/schema#\nproperties: {a: {deprecated: true, $ref: '#/definitions/x'}}\ndefinitions: {x: {}}\n", "a", "$schema: http://json-schema.org/draft-07/schema#\nproperties: {a: {deprecated: true, allOf: [{deprecated: true, $ref: '#/definitions/x'}]}}\ndefinitions: {x: {}}\n" },
    { "properties: {a: {deprecated: true, $ref: '#/$defs/x'}}\n$defs: {x: {}}\n", "a", "properties: {a: {deprecated: true, $ref: '#/$defs/x'}}\n$defs: {x: {}}\n" },
    { "properties: {a: &r {$ref: '#/$defs/x'}, b: *r}\n$defs: {x: {}}\n", "b", "properties: {a: &r {$ref: '#/$defs/x'}, b: {deprecated: true, allOf: [*r]}}\n$defs: {x: {}}\n" },
    { "properties:\n  a:\n    $ref: '#/$defs/x'\n    properties:\n      b:\n        type: string\n$defs: {x: {}}\n", "a|a.b", "properties:\n  a:\n    deprecated: true\n    $ref: '#/$defs/x'\n    properties:\n      b:\n        deprecated: true\n        type: string\n$defs: {x: {}}\n" },
    { "{\r\n\"properties\": {\"a\": {\"$ref\": \"#/$defs/x\"}},\r\n\"$defs\": {\"x\": {}}}\r\n", "a", "{\r\n\"properties\": {\"a\": {\"deprecated\": true, \"allOf\": [{\"$ref\": \"#/$defs/x\"}]}},\r\n\"$defs\": {\"x\": {}}}\r\n" },
    { "prefixItems:\n- type: string\n-   type: object\n    properties: {}\n", "[]", "prefixItems:\n- deprecated: true\n  type: string\n-   deprecated: true\n    type: object\n    properties: {}\n" },
    { "type: object\r\nproperties:\r\n  a:\r\n    type: string\r\n", "a", "type: object\r\nproperties:\r\n  a:\r\n    deprecated: true\r\n    type: string\r\n" },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{}}}", "a|b", "{\"type\":\"object\",\"properties\":{\"a\":{\"deprecated\": true,\"type\":\"string\"},\"b\":{\"deprecated\": true}}}" },
    { "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\n      \"type\": \"string\"\n    },\n    \"b\": true\n  }\n}\n", "a|b",
      "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\n      \"deprecated\": true,\n      \"type\": \"string\"\n    },\n    \"b\": {\"deprecated\": true}\n  }\n}\n" },
    { "{\r\n  \"type\": \"object\",\r\n  \"properties\": {\r\n    \"a\": {\r\n      \"type\": \"string\" } } }\r\n", "a",
      "{\r\n  \"type\": \"object\",\r\n  \"properties\": {\r\n    \"a\": {\r\n      \"deprecated\": true,\r\n      \"type\": \"string\" } } }\r\n" },
};

/* ---- the machinery ---- */

enum { TARGETS = 32 };

static struct wd_schema *parse(struct wd_bytes text, struct wd_err *err)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_schema *schema = NULL;
    static const char *const names[] = { "m.yaml" };
    *err = (struct wd_err){ 0 };
    wd_schema_parse(names, &text, 1, NULL, &limits, &schema, err);
    return schema;
}

static void add_target(const struct wd_schema *s, struct wd_bytes name, struct wd_edit_target *targets, size_t *count)
{
    const uint8_t *colon = memchr(name.at, ':', name.len);
    struct wd_bytes message = wd_bytes_at(name.at, colon ? (size_t)(colon - name.at) : 0);
    struct wd_bytes path = colon ? wd_bytes_at(colon + 1, name.len - message.len - 1) : name;
    size_t before = *count;
    for (size_t m = 0; m < s->message_count; m++) {
        const struct wd_schema_field *field = wd_schema_field_find(&s->messages[m], path);
        if ((!colon || wd_bytes_eq(s->messages[m].name, message)) && (field || !path.len))
            targets[(*count)++] = (struct wd_edit_target){ &s->messages[m], field };
    }
    assert_true(*count > before);
}

static size_t read_targets(const struct wd_schema *s, const char *list, struct wd_edit_target *targets)
{
    size_t count = 0;
    for (const char *at = list; *at;) {
        const char *end = strchr(at, '|');
        size_t len = end ? (size_t)(end - at) : strlen(at);
        add_target(s, wd_bytes_at(at, len), targets, &count);
        at += len + (end != NULL);
    }
    return count;
}

/* The new text on the heap, or "!" and the error. */
static char *edit(const char *before, const char *fields, enum wd_edit_stage stage)
{
    struct wd_err err;
    struct wd_edit_target targets[TARGETS];
    struct wd_edit_result *results = NULL;
    struct wd_schema *schema = parse(wd_bytes_of(before), &err);
    struct wd_buf out = { 0 };
    if (!schema) {
        wd_buf_printf(&out, "!%s", err.text);
        char *error = strdup(wd_buf_cstr(&out));
        wd_buf_free(&out);
        return error;
    }
    struct wd_arena *arena = wd_arena_open();
    size_t count = read_targets(schema, fields, targets);
    int rc = wd_edit_apply(schema, targets, count, stage, arena, &results, &err);
    assert_true(rc == WD_OK || (rc == WD_EPARSE && err.code == WD_EPARSE));
    if (rc < 0)
        wd_buf_printf(&out, "!%s", err.text);
    else
        wd_buf_put(&out, results[0].text);
    char *after = strdup(wd_buf_cstr(&out));
    wd_buf_free(&out);
    wd_arena_close(arena);
    wd_schema_free(schema);
    return after;
}

static void check(const struct row *row, enum wd_edit_stage stage)
{
    char *after = edit(row->before, row->fields, stage);
    bool is_right = row->after[0] == '!' ? after[0] == '!' && strstr(after, row->after + 1) : strcmp(after, row->after) == 0;
    if (!is_right)
        fail_msg("without %s\n%s\nbecomes\n%s\nnot\n%s", row->fields, row->before, after, row->after);
    if (stage == WD_EDIT_DEPRECATE && row->after[0] != '!') {
        char *again = edit(after, row->fields, stage);
        assert_string_equal(again, after);
        free(again);
    }
    free(after);
}

static void check_all(const struct row *rows, size_t count, enum wd_edit_stage stage)
{
    for (size_t i = 0; i < count; i++)
        check(&rows[i], stage);
}

static void test_block(void **state)
{
    (void)state;
    check_all(block, WD_COUNT(block), WD_EDIT_REMOVE);
}

static void test_flow(void **state)
{
    (void)state;
    check_all(flow, WD_COUNT(flow), WD_EDIT_REMOVE);
}

static void test_mentions(void **state)
{
    (void)state;
    check_all(mentions, WD_COUNT(mentions), WD_EDIT_REMOVE);
}

static void test_references(void **state)
{
    (void)state;
    check_all(references, WD_COUNT(references), WD_EDIT_REMOVE);
}

static void test_asyncapi(void **state)
{
    (void)state;
    check_all(asyncapi, WD_COUNT(asyncapi), WD_EDIT_REMOVE);
}

static void test_deprecations(void **state)
{
    (void)state;
    check_all(deprecations, WD_COUNT(deprecations), WD_EDIT_DEPRECATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block),      cmocka_unit_test(test_flow),     cmocka_unit_test(test_mentions),
        cmocka_unit_test(test_references), cmocka_unit_test(test_asyncapi), cmocka_unit_test(test_deprecations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
