/* Compares an output with tests/output/golden/NAME; with WD_GOLDEN_UPDATE set, writes the file instead. */
#ifndef WD_TESTS_OUTPUT_GOLDEN_H
#define WD_TESTS_OUTPUT_GOLDEN_H

#include "base/buf.h"

void golden_check(const char *name, struct wd_buf *out);

#endif
