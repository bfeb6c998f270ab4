/* Desktop entries (freedesktop.org): applications, their names, programs, schemes, and what browsers open by them. */
#include "scan/find.h"
#include "scan/meet.h"
#include "scan/scan_private.h"
#include "scan/text.h"

/* The file's name without `.desktop`. */
static struct view stem(const struct scan_file *f)
{
	struct view v = view_text(f->name);
	return view_of(v.bytes, v.size - strlen(".desktop"));
}

static void read_words(struct scan *s, const struct scan_file *f, struct view line)
{
	static const char option[] = "--app-id=";
	for (bool is_first = true; line.bytes; is_first = false) {
		struct view word = view_split(&line, ' ');
		const uint8_t *slash = word.size ? memrchr(word.bytes, '/', word.size) : NULL;
		word = scan_text_unquote(word);
		if (memmem(word.bytes, word.size, "://", 3)) {
			const uint8_t *equals = memchr(word.bytes, '=', word.size);
			struct view url =
				view_starts_with(word, view_text("--")) && equals
					? view_skip(word, (size_t)(equals - word.bytes) + 1)
					: word;
			(void)scan_meet_url(s, f, "desktop entry for", url);
		} else if (view_starts_with(word, view_text(option))) {
			struct view id = view_skip(word, strlen(option));
			struct view host = scan_web_apps_find(&s->web_apps, s->settings.policy, id);
			(void)scan_meet_host(s, f, "web app", host);
		} else if (is_first) {
			(void)scan_meet_field(
				s, f, "process",
				slash ? view_skip(word, (size_t)(slash - word.bytes) + 1) : word);
			(void)scan_meet_field(s, f, "path", word);
		}
	}
}

static void read_schemes(struct scan *s, const struct scan_file *f, struct view types)
{
	static const char handler[] = "x-scheme-handler/";
	char scheme[SCAN_TEXT_MAX];
	while (types.bytes) {
		struct view type = view_split(&types, ';');
		if (!view_starts_with(type, view_text(handler)) || type.size > 256)
			continue;
		type = view_skip(type, strlen(handler));
		(void)snprintf(scheme, sizeof(scheme), VIEW_FMT "://", VIEW_ARG(type));
		(void)scan_meet_app(s, f, "scheme", view_text(scheme), (struct view){0});
	}
}

void find_desktop(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	bool is_met = scan_meet_app(s, f, "application", stem(f), (struct view){0});
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view value = line, key = view_trim(view_split(&value, '='));
		value = view_trim(value);
		if (view_is(key, "Exec"))
			read_words(s, f, value);
		else if (view_is(key, "URL"))
			(void)scan_meet_url(s, f, "desktop entry for", value);
		else if (view_is(key, "MimeType"))
			read_schemes(s, f, value);
		else if (view_is(key, "Name") && value.size &&
		         memmem(value.bytes, value.size, "://", 3))
			(void)scan_meet_url(s, f, "desktop entry for", value);
		else if (!is_met && (view_is(key, "Name") || view_is(key, "StartupWMClass")))
			is_met = scan_meet_app(s, f, "application", value, (struct view){0});
	}
}
