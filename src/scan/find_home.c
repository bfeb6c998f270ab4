/* The accounts of the machine: whose home is where. */
#include "scan/find.h"
#include "scan/scan_private.h"

void find_home(struct scan *s, struct scan_file *f)
{
	scan_homes_read(&s->homes, f->bytes);
}
