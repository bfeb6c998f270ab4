/* Files that point clients of AI services somewhere, by their content: hosts, model ids, names of variables. */
#include "scan/find.h"
#include "scan/text.h"

void find_configuration(struct scan *s, struct scan_file *f)
{
	scan_text(s, f);
}
