/* profile/layout.c - as what messages are read whose own bytes do not say it.
 *
 *     the schema puts a layout on the channel                  that one
 *     (an address, a gRPC method, the configuration)
 *     it puts several there                                    each message picks the one that it fits
 *     it puts none there: of those on no channel,              the one that all messages fit which were held
 *     else of all that it has                                  until the channel's names were known
 *
 * What a message says itself comes first. One fits when it parses to its end and all that it holds is
 * declared. Where none fits, or more than one, none is taken; then wd_observer_report says so.
 */
#include "base/escape.h"
#include "profile/observer.h"

/* --- what the schema offers --- */

bool layout_is_carried(const struct wd_schema_message *m, const struct family *family,
                       enum wd_direction direction)
{
    return m->channel.len && (!m->directions || direction == WD_P2P || m->directions & 1u << direction) &&
           (wd_bytes_eq(m->channel, family->name) || channel_fits(family->name, m->channel));
}

static void add(struct layouts *l, const struct wd_layout *layout)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->at[i] == layout)
            return;
    l->at[l->count++] = layout;
}

/* Those that the schema puts there; else those that it puts nowhere; else all: the channel may have another
 * name here. */
enum offer { HERE, NOWHERE, ANYWHERE, OFFERS };

static bool is_offered(const struct wd_schema_message *m, const struct family *family,
                       enum wd_direction direction, enum offer offer)
{
    if (!m->layout || (offer == HERE && !layout_is_carried(m, family, direction)))
        return false;
    return offer != NOWHERE || !m->channel.len;
}

void layout_begin(const struct wd_observer *o, struct family *family, enum wd_direction direction)
{
    struct layouts *l = &family->layouts[direction];
    size_t count = o->schema ? o->schema->message_count : 0;
    l->at = wd_arena_array(o->run, const struct wd_layout *, count);
    for (int offer = HERE; offer < OFFERS && !l->count; offer++) {
        for (size_t i = 0; i < count; i++)
            if (is_offered(&o->schema->messages[i], family, direction, (enum offer)offer))
                add(l, o->schema->messages[i].layout);
        l->is_open = l->count && offer != HERE;
    }
    l->chosen = l->count == 1 && !l->is_open ? l->at[0] : NULL;
}

/* --- does it fit? --- */

enum fit { OTHER_CODEC, FITS, FITS_NOT };

/* Bodies of another codec, by their media type or since they are text, say nothing; nor do those that say it
 * themselves. */
static enum fit fit_of(struct wd_observer *o, const struct wd_layout *layout, const struct held *m)
{
    const struct wd_codec *codec = reading_as(m, layout);
    if (m->is_too_long || !codec->reads || !codec->reads(layout) || (m->layout && m->layout != layout))
        return OTHER_CODEC;
    if (!o->trial)
        o->trial = wd_paths_open(&o->limits, NULL);
    codec->walk(m->body, layout, o->trial, &o->limits, &o->tape);
    return o->tape.fault || o->tape.unknown ? FITS_NOT : FITS;
}

/* All of `held` that go in that direction, and at least one of them. */
static bool fits_all(struct wd_observer *o, const struct wd_layout *layout, const struct held *held,
                     size_t count, enum wd_direction direction)
{
    bool fits = false;
    for (size_t i = 0; i < count; i++) {
        enum fit fit = held[i].lane->direction == direction ? fit_of(o, layout, &held[i]) : OTHER_CODEC;
        if (fit == FITS_NOT)
            return false;
        fits |= fit == FITS && held[i].body.len;
    }
    return fits;
}

/* How many of them fit, up to two; `out` is one that does. */
static unsigned find_fits(struct wd_observer *o, const struct layouts *l, const struct held *held,
                          size_t count, enum wd_direction direction, const struct wd_layout **out)
{
    unsigned found = 0;
    for (size_t i = 0; i < l->count && found < 2; i++) {
        if (!fits_all(o, l->at[i], held, count, direction))
            continue;
        *out = l->at[i];
        found++;
    }
    return found;
}

/* --- one for all --- */

/* Something that does not say itself what it is. */
static bool is_heard(const struct held *held, size_t count, enum wd_direction direction)
{
    for (size_t i = 0; i < count; i++)
        if (held[i].lane->direction == direction && !held[i].is_text && !held[i].layout)
            return true;
    return false;
}

/* Nothing else knows what they are. */
static void note_doubt(struct layouts *l, const struct held *held, size_t count, enum wd_direction direction)
{
    for (size_t i = 0; i < count; i++) {
        const struct wd_codec *codec = reading_as(&held[i], NULL);
        l->is_doubtful |= held[i].lane->direction == direction && !held[i].is_text && !held[i].layout &&
                          (codec == &wd_codec_opaque || (codec->reads && codec->reads(l->at[0])));
    }
}

static void choose(struct wd_observer *o, struct family *family, const struct held *held, size_t count,
                   enum wd_direction direction)
{
    struct layouts *l = &family->layouts[direction];
    const struct wd_layout *one = NULL;
    if (l->is_asked || !l->is_open || !is_heard(held, count, direction))
        return;
    unsigned fits = find_fits(o, l, held, count, direction, &one);
    l->is_asked = true;
    l->has_several = fits > 1;
    l->chosen = fits == 1 ? one : NULL;
}

/* Where more than one fits it may still be what the other direction is: mostly both have one envelope. */
static void follow(struct wd_observer *o, struct family *family, const struct held *held, size_t count,
                   enum wd_direction direction)
{
    struct layouts *l = &family->layouts[direction];
    const struct wd_layout *other = family->layouts[direction == WD_C2S ? WD_S2C : WD_C2S].chosen;
    if (l->chosen || !l->is_asked || !is_heard(held, count, direction))
        return;
    if (l->has_several && other && fits_all(o, other, held, count, direction))
        l->chosen = other;
    else
        note_doubt(l, held, count, direction);
}

static void reread(struct held *m)
{
    const struct wd_layout *chosen = m->lane->family->layouts[m->lane->direction].chosen;
    if (m->layout || !chosen || m->is_text)
        return;
    m->layout = chosen;
    m->codec = reading_as(m, chosen);
}

void layout_decide(struct wd_observer *o, struct family *family)
{
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        choose(o, family, family->held, family->held_count, (enum wd_direction)d);
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        follow(o, family, family->held, family->held_count, (enum wd_direction)d);
    for (size_t i = 0; i < family->held_count; i++)
        reread(&family->held[i]);
}

/* --- one for each --- */

const struct wd_layout *layout_of(struct wd_observer *o, const struct held *m)
{
    struct family *family = m->lane->family;
    enum wd_direction direction = m->lane->direction;
    struct layouts *l = &family->layouts[direction];
    const struct wd_layout *one = NULL;
    const struct wd_layout *own = m->is_text ? NULL : layout_said(o, m->body);
    if (own || !l->count || m->is_text)
        return own;
    if (!l->chosen && !l->is_open)
        return find_fits(o, l, m, 1, direction, &one) == 1 ? one : NULL;
    if (!l->is_asked && family->is_decided) { /* a direction that was silent until then */
        choose(o, family, m, 1, direction);
        follow(o, family, m, 1, direction);
    }
    return l->chosen;
}

bool layout_waits(const struct held *m)
{
    const struct layouts *l = &m->lane->family->layouts[m->lane->direction];
    return l->is_open && !l->is_asked && !m->is_text && !m->layout;
}

/* --- what could not be told --- */

static void report(const struct family *family, enum wd_direction direction, struct wd_buf *out)
{
    struct wd_shown shown;
    const struct layouts *l = &family->layouts[direction];
    wd_show(&shown, family->name);
    wd_buf_printf(out,
                  "%s, %s: %s the schema's messages fits what is sent there, so it is read without; say which "
                  "it is in .wirediet.yaml: messages: [{channel: %s, direction: %s, message: ...}]\n",
                  shown.text, wd_direction_names[direction],
                  l->has_several ? "more than one of" : "none of", shown.text, wd_direction_names[direction]);
}

void layout_report(const struct wd_observer *o, struct wd_buf *out)
{
    for (size_t f = 0; f < o->family_count; f++)
        for (int d = 0; d < WD_DIRECTION_COUNT; d++)
            if (o->families[f]->layouts[d].is_doubtful)
                report(o->families[f], (enum wd_direction)d, out);
}
