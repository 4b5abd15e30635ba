/* tests/pipeline/scene.h - packets of conversations that never happened, straight onto a road.
 *
 * Shape   a scene carries a calm connection (0: a WebSocket at /calm whose server says {"v":N,...} now and
 *         then) and hostile ones beside it. After each hostile segment the calm one says something, CALM
 *         times in all, so that what it says is the same whoever is there.
 * Units   connections are client ports from 40000; packets are numbered from 1, a millisecond apart.
 * Owns    the road until scene_close().
 */
#ifndef WD_TESTS_PIPELINE_SCENE_H
#define WD_TESTS_PIPELINE_SCENE_H

#include "base/buf.h"
#include "model/config.h"
#include "pipeline/road.h"

enum { SCENE_CLIENT, SCENE_SERVER, SCENE_CONNECTIONS = 1024, CALM = 24 };

struct scene {
    struct wd_road road;
    uint64_t packet;                     /* number of the last one */
    uint64_t mark;                       /* the packet that was marked first; 0: none */
    uint32_t next[SCENE_CONNECTIONS][2]; /* sequence numbers */
    unsigned calm;                       /* said so far */
};

void scene_open(struct scene *s, const struct wd_config *config);
/* What is left to say, then the profile; the diagnostics of its limits are appended to `told`. */
struct wd_profile *scene_finish(struct scene *s, struct wd_buf *told);
void scene_close(struct scene *s);

void scene_connect(struct scene *s, unsigned connection);
void scene_say(struct scene *s, unsigned connection, int side,
               struct wd_bytes bytes); /* in segments as large as they may be */
void scene_text(struct scene *s, unsigned connection, int side, const char *text);
/* One segment, `ahead` of where the side is: what is between is never sent. */
void scene_say_ahead(struct scene *s, unsigned connection, int side, uint32_t ahead, struct wd_bytes bytes);
/* An IPv4 packet with that content. `fragment`: the field of that name; `id` 0: its own. */
void scene_ipv4(struct scene *s, uint8_t protocol, uint16_t id, uint16_t fragment, struct wd_bytes content);
/* Appends an HTTP/2 frame. */
void put_h2(struct wd_buf *out, int type, int flags, uint32_t stream, struct wd_bytes payload);
void scene_mark(struct scene *s); /* the next packet is the one that reaches the limit */
void scene_window(struct scene *s, unsigned connection, int side,
                  uint16_t window); /* an acknowledgement and no more */

#endif
