#include <stdio.h>

int main(void)
{
    puts("recai " REC_VERSION);
    return 0;
}
