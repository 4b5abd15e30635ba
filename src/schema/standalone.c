/* A JSON Schema file by itself: one message, without a channel. */
#include "schema/files.h"
#include "schema/jsonschema.h"
#include "schema/loader.h"

const char *const wd_jsonschema_marks[] = { "$schema",
                                            "$id",
                                            "$ref",
                                            "$defs",
                                            "definitions",
                                            "type",
                                            "properties",
                                            "patternProperties",
                                            "additionalProperties",
                                            "items",
                                            "prefixItems",
                                            "allOf",
                                            "oneOf",
                                            "anyOf",
                                            "if",
                                            "required",
                                            "const",
                                            "enum",
                                            NULL };

static bool sniff(const struct wd_document *document)
{
    if (wd_node_get(document->root, "asyncapi") || wd_node_get(document->root, "openapi") ||
        wd_node_get(document->root, "swagger"))
        return false;
    for (size_t i = 0; wd_jsonschema_marks[i]; i++)
        if (wd_node_get(document->root, wd_jsonschema_marks[i]))
            return true;
    return false;
}

static struct wd_bytes without_suffix(struct wd_bytes name, const char *suffix)
{
    size_t n = strlen(suffix);
    bool has_suffix = name.len > n && memcmp(name.at + name.len - n, suffix, n) == 0;
    return wd_bytes_at(name.at, has_suffix ? name.len - n : name.len);
}

static struct wd_bytes last_part(struct wd_bytes name)
{
    static const char *const suffixes[] = { ".json", ".yaml", ".yml", ".schema" };
    size_t directory = wd_file_directory(name).len;
    if (directory || (name.len && name.at[0] == '/'))
        name = wd_bytes_at(name.at + directory + 1, name.len - directory - 1);
    for (size_t i = 0; i < WD_COUNT(suffixes); i++)
        name = without_suffix(name, suffixes[i]);
    return name;
}

/* By its title, its $id, or its file. */
static struct wd_bytes name_of(const struct wd_document *document)
{
    struct wd_bytes title = wd_site_text((struct wd_site){ NULL, wd_node_get(document->root, "title") });
    struct wd_bytes id =
        last_part(wd_site_text((struct wd_site){ NULL, wd_node_get(document->root, "$id") }));
    struct wd_bytes file =
        strcmp(document->name, "-") == 0 ? wd_bytes_of("message") : last_part(wd_bytes_of(document->name));
    return title.len ? title : id.len ? id : file;
}

static int load(struct wd_loader *loader, struct wd_document *document)
{
    const struct wd_node *root = document->root, *wirediet = wd_node_get(root, "x-wirediet");
    struct wd_schema_message m = { .name = name_of(document),
                                   .document = document,
                                   .node = root,
                                   .payload = root,
                                   .at = wd_node_place(document, root) };
    m.key = m.name;
    m.title = wd_site_text((struct wd_site){ document, wd_node_get(root, "title") });
    m.version = wd_site_text((struct wd_site){ document, wd_node_get(root, "x-version") });
    m.purpose = wd_site_text((struct wd_site){ document, wd_node_get(wirediet, "purpose") });
    m.owner = wd_site_text((struct wd_site){ document, wd_node_get(wirediet, "owner") });
    struct wd_flatten flatten = { .resolver = &loader->resolver,
                                  .has_siblings = true,
                                  .states_wirediet = &m.states_wirediet,
                                  .visited = &loader->visited };
    TRY(wd_jsonschema_flatten(&flatten, (struct wd_site){ document, root }, &m.fields, &m.field_count));
    if (!loader->schema->title.len)
        loader->schema->title = m.title;
    WD_GROW(loader->messages, loader->count, loader->cap);
    loader->messages[loader->count++] = m;
    return WD_OK;
}

const struct wd_schema_format wd_schema_format_jsonschema = {
    .name = "json-schema", .sniff = sniff, .load = load, .is_fragment = true
};
