/* Applications: AppImages by their names, and what Windows' registry says of installed programs. */
#include <ctype.h>
#include <stdio.h>

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/text.h"

/* NAME-1.2.3-x86_64.AppImage: the name as it is, and up to its version. */
void find_appimage(struct scan *s, struct scan_file *f)
{
	struct view name = view_text(f->name);
	name.size -= strlen(".AppImage");
	if (scan_meet_app(s, f, "AppImage", name, (struct view){0}))
		return;
	for (size_t i = 1; i < name.size; i++) {
		bool is_end = strchr("-_ .", name.bytes[i]) &&
		              (i + 1 == name.size || isdigit(name.bytes[i + 1]) ||
		               view_starts_with(view_skip(name, i + 1), view_text("x86_64")));
		if (is_end) {
			(void)scan_meet_app(s, f, "AppImage", view_of(name.bytes, i),
			                    (struct view){0});
			return;
		}
	}
}

/* UTF-16 as regedit writes it, to ASCII in place of a copy; what is no ASCII is `?`. Returns the size. */
static size_t narrow(struct view bytes, char *to)
{
	bool is_wide = view_starts_with(bytes, view_text("\xff\xfe"));
	size_t size = 0, step = is_wide ? 2 : 1;
	for (size_t i = is_wide ? 2 : 0; i + step <= bytes.size; i += step)
		to[size++] = (char)(is_wide && bytes.bytes[i + 1] ? '?' : bytes.bytes[i]);
	return size;
}

/* An export of the registry: `[KEY]`, `"DisplayName"="..."`. */
void find_registry(struct scan *s, struct scan_file *f)
{
	cleanup(free) char *text = malloc(f->bytes.size + 1);
	if (!text)
		return;
	struct view rest = view_of(text, narrow(f->bytes, text)), line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view value = line, key = scan_text_unquote(view_split(&value, '='));
		if (value.bytes && (view_is(key, "DisplayName") || view_is(key, "ProductName")))
			(void)scan_meet_app(s, f, "installed program", scan_text_unquote(value),
			                    (struct view){0});
		else if (value.bytes)
			(void)scan_meet_field(s, f, "environment", key);
	}
	explicit_bzero(text, f->bytes.size + 1);
}
