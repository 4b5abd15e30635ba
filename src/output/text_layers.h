/* output/text_layers.h - how the text of a profile begins.
 *
 * Shape   both put lines on the page, and an empty one behind them.
 */
#ifndef WD_OUTPUT_TEXT_LAYERS_H
#define WD_OUTPUT_TEXT_LAYERS_H

#include "output/text.h"

/* The inputs, how much of them there is, and what is amiss with them: interrupted, packets dropped. */
void wd_text_heading(struct wd_page *page, const struct wd_profile *profile);
/* Each layer of the ledger that holds bytes, with its share; what the inputs could not contain. */
void wd_text_layers(struct wd_page *page, const struct wd_profile *profile);

#endif
