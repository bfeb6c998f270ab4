#include "scan/find_model.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "scan/content.h"
#include "scan/find_image.h"
#include "scan/meet.h"
#include "scan/model_head.h"
#include "scan/scan_private.h"

enum {
	FIRST_SIZE = 4096,
	SMALL_MAX = 1 << 20,  /* a smaller file with a known ending is what it says */
	JSON_MAX = 2 << 20,   /* those beside weights have some kilobytes */
	HEAD_MAX = 32 << 20,  /* headers with vocabularies of 200,000 words have 10 MB */
	TEMPLATE_STEP = 3800, /* what is compared at once has 4096 bytes */
	TEMPLATE_OVERLAP = 200,
	TEMPLATE_MAX = 64 * 1024,
};

struct head_reading {
	struct scan *scan;
	const struct scan_file *file;
	const char *by;
};

/* Its parts, one after the other: a marker may stand anywhere. */
static bool meet_template(const struct head_reading *r, struct view text)
{
	char asked[TEXT_KEY_MAX + 1];
	struct view what = view_text(r->by ? r->by : "chat template with the product's markers");
	for (size_t at = 0; at < text.size && at < TEMPLATE_MAX;
	     at += TEMPLATE_STEP - TEMPLATE_OVERLAP) {
		struct view part = view_skip(text, at);
		size_t size = part.size < TEMPLATE_STEP ? part.size : TEMPLATE_STEP;
		int n = snprintf(asked, sizeof(asked), "chat-template=%.*s", (int)size,
		                 (const char *)part.bytes);
		if (n > 0 && scan_meet(r->scan, r->file, GROUP_FILE, view_text(asked), what))
			return true;
	}
	return false;
}

static int on_field(void *context, const char *kind, struct view value)
{
	const struct head_reading *r = context;
	char asked[SCAN_TEXT_MAX], what[2 * SCAN_TEXT_MAX];
	if (strcmp(kind, "chat-template") == 0) {
		(void)meet_template(r, value);
		return r->scan->error;
	}
	if (strcmp(kind, "model") == 0) {
		(void)scan_meet_model(r->scan, r->file, value, SCAN_MODEL_NAMED);
		return r->scan->error;
	}
	if (value.size >= sizeof(asked) / 2)
		return OK;
	(void)snprintf(asked, sizeof(asked), "%s=" VIEW_FMT, kind, VIEW_ARG(value));
	(void)snprintf(what, sizeof(what), "%s%s%s", asked, r->by ? ", " : "", r->by ? r->by : "");
	(void)scan_meet(r->scan, r->file, GROUP_FILE, view_text(asked), view_text(what));
	return r->scan->error;
}

int find_model_in_head(struct scan *s, const struct scan_file *f, struct view head, const char *by)
{
	struct head_reading r = {s, f, by};
	return model_head_read(head, on_field, &r);
}

/* Endings of small files that are no model's, whatever is in them: they are not opened. */
static const char *const other_endings[] = {
	"1",   "2",    "3",    "5",   "7",    "8",   "a",   "bmp", "bz2",  "c",   "cc",  "cpp",
	"cs",  "css",  "csv",  "deb", "dll",  "el",  "elc", "exe", "gif",  "go",  "gz",  "h",
	"hpp", "html", "ico",  "jar", "java", "jpg", "js",  "ko",  "log",  "lua", "md",  "mjs",
	"mo",  "o",    "pc",   "pdf", "php",  "pl",  "pm",  "png", "po",   "ps",  "py",  "pyc",
	"pyi", "rb",   "rlib", "rpm", "rs",   "rst", "s",   "sh",  "so",   "svg", "tcl", "tex",
	"ts",  "ttf",  "txt",  "vim", "whl",  "xml", "xz",  "yml", "yaml", "zip", "zst",
};

static bool has_other_ending(const char *name)
{
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof(other_endings) / sizeof(*other_endings); i++) {
		if (strcasecmp(dot + 1, other_endings[i]) == 0)
			return true;
	}
	return false;
}

/* One that shrinks meanwhile has no more. */
static int read_more(const struct byte_source *b, uint8_t *bytes, size_t *size, size_t want)
{
	int code = byte_source_read(b, *size, bytes + *size, want - *size);
	if (code == OK)
		*size = want;
	return code == ERR_TRUNCATED ? OK : code;
}

/* Any file may hold keys: nothing of it stays behind. */
static void wipe(uint8_t *bytes, size_t size)
{
	if (bytes)
		explicit_bzero(bytes, size);
	free(bytes);
}

/* Room for `want`; what was there is wiped. NULL: no memory, and the old is as it was. */
static uint8_t *grow(uint8_t *bytes, size_t size, size_t want)
{
	uint8_t *larger = malloc(want);
	if (!larger)
		return NULL;
	if (size)
		memcpy(larger, bytes, size);
	wipe(bytes, size);
	return larger;
}

/* Reads on, in growing steps, while the header goes on. What was met before is the same finding again: so only what
 * is read last is asked. */
static void read_head(struct scan *s, const struct scan_file *f, const struct byte_source *b,
                      enum model_form form)
{
	static const size_t steps[] = {256 * 1024, 4 << 20, HEAD_MAX};
	struct view head = {0};
	uint8_t *bytes = NULL;
	size_t size = 0;
	int code = OK;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		size_t want = form == MODEL_JSON ? JSON_MAX : steps[i];
		want = want < b->size ? want : (size_t)b->size;
		uint8_t *larger = grow(bytes, size, want);
		code = larger ? OK : -ENOMEM;
		bytes = larger ? larger : bytes;
		if (code == OK)
			code = read_more(b, bytes, &size, want);
		if (code < 0)
			break;
		head = view_of(bytes, size);
		if (form == MODEL_JSON || want == b->size || !model_head_goes_on(head))
			break;
	}
	if (code < 0)
		scan_unread(s, f->path, err_text(code));
	else
		code = find_model_in_head(s, f, head, NULL);
	wipe(bytes, size);
	if ((code == ERR_MALFORMED || code == ERR_LIMIT) && form == MODEL_GGUF)
		scan_not_understood(s, f, "a model's file that breaks its format");
}

/* The first bytes say whether the rest is worth reading. */
static void look_at(struct scan *s, const struct scan_file *f, const struct byte_source *b)
{
	uint8_t first[FIRST_SIZE];
	size_t size = 0;
	int code = read_more(b, first, &size, b->size < FIRST_SIZE ? (size_t)b->size : FIRST_SIZE);
	if (code < 0) {
		scan_unread(s, f->path, err_text(code));
		return;
	}
	s->coverage[s->current].bytes += size;
	enum model_form form = model_head_form(view_of(first, size));
	find_image(s, f, b, view_of(first, size));
	explicit_bzero(first, size);
	if (form == MODEL_NONE || (form == MODEL_JSON && b->size > JSON_MAX))
		return;
	read_head(s, f, b, form);
}

/* By its ending and its size. */
static bool is_other(const struct scan_file *f, uint64_t size)
{
	return size < SMALL_MAX && has_other_ending(f->name);
}

static bool is_other_unopened(const struct scan_file *f)
{
	struct stat st;
	return !f->member && has_other_ending(f->name) &&
	       (fstatat(f->folder, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	        st.st_size < SMALL_MAX);
}

void find_model_file(struct scan *s, struct scan_file *f)
{
	struct scan_content c;
	if (f->folder < 0 && !f->member) {
		if (find_model_in_head(s, f, f->bytes, NULL) == ERR_MALFORMED)
			scan_not_understood(s, f, "a model's file that breaks its format");
		return;
	}
	if (is_other_unopened(f))
		return;
	int code = scan_content_open(f, &c);
	if (code < 0) {
		if (code != -ENOENT)
			scan_unread(s, f->path, err_text(code));
		return;
	}
	if (c.bytes.size >= 16 && !is_other(f, c.bytes.size))
		look_at(s, f, &c.bytes);
	scan_content_close(&c);
}
