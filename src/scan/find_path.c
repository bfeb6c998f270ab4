/* Files and folders that the policy names themselves, in the form of the system that they are of. */
#include <stdio.h>

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/scan_private.h"

/* How identifiers write the begin of a path: below a home, and of the whole machine. */
static const struct {
	const char *begin, *written;
	bool is_of_home, is_windows;
} forms[] = {
	{"/AppData/Local/", "%LOCALAPPDATA%\\", true, true},
	{"/AppData/Roaming/", "%APPDATA%\\", true, true},
	{"/", "%USERPROFILE%\\", true, true},
	{"/", "~/", true, false},
	{"/Program Files (x86)/", "%PROGRAMFILES(X86)%\\", false, true},
	{"/Program Files/", "%PROGRAMFILES%\\", false, true},
	{"/ProgramData/", "%PROGRAMDATA%\\", false, true},
	{"/", "/", false, false},
};

static bool ask(struct scan *s, const struct scan_file *f, size_t form, const char *rest)
{
	char path[SCAN_TEXT_MAX * 2], end = forms[form].is_windows ? '\\' : '/';
	int size = snprintf(path, sizeof(path), "path=%s%s", forms[form].written, rest);
	if (size < 0 || (size_t)size + 2 > sizeof(path))
		return false;
	if (f->is_folder) {
		path[size++] = '/';
		path[size] = '\0';
	}
	for (char *c = path; forms[form].is_windows && *c; c++)
		*c = (char)(*c == '/' ? end : *c);
	return scan_meet(s, f, GROUP_MACHINE, view_text(path), view_text(path));
}

static bool is_told(const struct scan *s, const char *path)
{
	size_t size = strlen(s->met_folder);
	return size && strncmp(path, s->met_folder, size) == 0 && path[size] == '/';
}

void find_path(struct scan *s, struct scan_file *f)
{
	if (is_told(s, f->path))
		return;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const char *from = f->path;
		if (forms[i].is_of_home && !f->home)
			continue;
		if (forms[i].is_of_home)
			from += f->home->path_size;
		size_t size = strlen(forms[i].begin);
		if (strncmp(from, forms[i].begin, size) != 0 || !ask(s, f, i, from + size))
			continue;
		if (f->is_folder)
			(void)snprintf(s->met_folder, sizeof(s->met_folder), "%s", f->path);
		return;
	}
}
