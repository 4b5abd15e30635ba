/* bench/simdjson.cc - the yardstick: simdjson On-Demand walks the same messages, every key and value of them, in the
 * cheapest way it has (keys and scalars stay raw text). Prints MB/s and the number of values. */
#include <simdjson.h>

#include "lines.h"

using namespace simdjson;

static size_t visit(ondemand::value value);

static size_t visit_object(ondemand::object object)
{
    size_t values = 1;
    for (auto field : object) {
        if (field.key().raw() == nullptr)
            bench_fail("a member without a key");
        values += visit(field.value());
    }
    return values;
}

static size_t visit_array(ondemand::array array)
{
    size_t values = 1;
    for (auto element : array)
        values += visit(element.value());
    return values;
}

static size_t visit(ondemand::value value)
{
    switch (value.type()) {
    case ondemand::json_type::object:
        return visit_object(value.get_object());
    case ondemand::json_type::array:
        return visit_array(value.get_array());
    default:
        return value.raw_json_token().size() != 0;
    }
}

static size_t walk(const struct lines *l)
{
    static ondemand::parser parser;
    size_t values = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t len = line_len(l, i);
        ondemand::document document = parser.iterate(l->text + l->start[i], len, len + SIMDJSON_PADDING);
        values += visit_object(document.get_object());
    }
    return values;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        bench_fail("usage: simdjson MESSAGES");
    struct lines l = lines_read(argv[1]);
    lines_measure(&l, walk);
    free(l.text);
    free(l.start);
    return 0;
}
