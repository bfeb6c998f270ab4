/* Installed Python packages: METADATA and PKG-INFO, whose fields stand like those of a mail. */
#include "scan/find_python.h"

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/python_name.h"
#include "scan/text.h"

void find_python_put(struct scan *s, const struct scan_file *f, struct view text,
                     struct view version)
{
	char name[PYTHON_NAME_MAX];
	size_t size = python_name_read(text, name);
	if (size)
		(void)scan_meet_package(s, f, "pypi", view_of(name, size), version);
}

void find_python(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line, name = {0}, version = {0};
	while (scan_text_line(&rest, &line) && line.size) {
		struct view value = line, key = view_split(&value, ':');
		if (view_is_nocase(key, "Name"))
			name = view_trim(value);
		else if (view_is_nocase(key, "Version"))
			version = view_trim(value);
	}
	if (name.size)
		find_python_put(s, f, name, version);
	else
		scan_not_understood(s, f, "no name of a package");
}
