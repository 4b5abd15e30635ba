/* pipeline/limited.h - what the limits cost this run, for people.
 *
 * Shape   one line for each limit that acted and of which nobody else speaks (voice TOLD), as the table has
 *         them:
 *
 *           limit streams (4,096 live HTTP/2 streams per connection) was reached 17 times, first at packet
 *           123: the stream used least lately is given up; raise it with --limit streams=8192
 *
 * Errors  none. Source: robustness, "each limit when hit emits one diagnostic".
 */
#ifndef WD_PIPELINE_LIMITED_H
#define WD_PIPELINE_LIMITED_H

#include "base/buf.h"
#include "pipeline/road.h"

/* Call it when the road is finished. */
void wd_limited_report(const struct wd_road *road, struct wd_buf *out);

#endif
