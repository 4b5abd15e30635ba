/* schema/protoc.h - the compiler of .proto files, as a process of its own.
 *
 * Shape   who reads what strangers wrote may start no program any more (base/confine.h). So open() forks a
 *         broker before, which waits for files and roots, starts protoc with nothing but these, and says how
 *         that ended. Without a broker the process starts protoc itself.
 *
 *             reader: no exec        -- root fd, file fd + name, run fd fd -->  broker: no network
 *                                    <-- status --------------------------      protoc: reads below the roots
 *
 *         Files and roots are handed over open, and a name that protoc would read as an option or as two is refused;
 *         what it writes comes back in memory. It has no environment and 60 seconds.
 * Owns    the broker, until close(); it leaves when the other end does. Results are in the arena.
 * Errors  WD_EPARSE: what protoc says first. WD_ESYSTEM: there is none, or it did not end well.
 */
#ifndef WD_SCHEMA_PROTOC_H
#define WD_SCHEMA_PROTOC_H

#include "base/arena.h"
#include "base/err.h"

struct wd_protoc;
/* NULL where no broker can be had: then each reader starts protoc itself, or may not. */
struct wd_protoc *wd_protoc_open(void);
void wd_protoc_close(struct wd_protoc *protoc);  /* NULL is fine */

struct wd_protoc_file {
    const char *name;             /* what imports call it: "plant/line.proto" */
    const char *shown;            /* in errors */
    struct wd_bytes text;
};

struct wd_protoc_request {
    const struct wd_protoc_file *files;
    size_t count;
    const int *roots;             /* directories, where imports are looked for in this order */
    size_t root_count;
    uint64_t limit;               /* bytes of the descriptor set */
};

/* `out`: a descriptor set with all imports and source information. */
int wd_protoc_run(const struct wd_protoc *protoc, const struct wd_protoc_request *request,
                  struct wd_arena *arena, struct wd_bytes *out, struct wd_err *err);

#endif
