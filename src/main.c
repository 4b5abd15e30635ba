/* argv in, exit status out. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
    return wd_main(argc, argv);
}
