/* cmd/account.h - what prune did and why, for people: what goes and what it saves, what stays all the same,
 * the proof.
 * Owns    nothing. Errors  none. */
#ifndef WD_CMD_ACCOUNT_H
#define WD_CMD_ACCOUNT_H

#include "output/output.h"
#include "pipeline/prune.h"

struct wd_account {
    const struct wd_audit *audit;
    const struct wd_prune_plan *plan;
    const struct wd_edit_result *results;   /* per document of the schema */
    const struct wd_proof *proof;
    enum wd_edit_stage stage;
};

void wd_put_account(struct wd_buf *out, const struct wd_account *account, const struct wd_style *style);

#endif
