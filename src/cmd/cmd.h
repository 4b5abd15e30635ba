/* cmd/cmd.h - verbs, in the manner of git. One file per verb, one row in cmd/table.c. */
#ifndef WD_CMD_CMD_H
#define WD_CMD_CMD_H

int wd_main(int argc, char **argv);

#endif
