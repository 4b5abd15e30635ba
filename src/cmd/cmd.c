#include "cmd/cmd.h"

int wd_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
