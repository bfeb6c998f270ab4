#include <errno.h>
#include <stdlib.h>

#include "scan/collected.h"
#include "wire/csv_stream.h"

enum column {
	COLUMN_ID,
	COLUMN_NAME,
	COLUMN_VERSION,
	COLUMN_PATH,
	COLUMN_PUBLISHER,
	COLUMN_MACHINE,
	COLUMN_PERSON,
	COLUMNS
};
enum { NO_COLUMN = CSV_FIELDS_MAX };

/* How exports call a column: letters and digits only, in lower case; of several the first row is the column. */
static const struct title {
	const char *text;
	enum column column;
} titles[] = {
	{"bundleid", COLUMN_ID},
	{"bundleidentifier", COLUMN_ID},
	{"applicationbundleid", COLUMN_ID},
	{"applicationbundleidentifier", COLUMN_ID},
	{"cfbundleidentifier", COLUMN_ID},
	{"packagename", COLUMN_ID},
	{"packageidentifier", COLUMN_ID},
	{"packageid", COLUMN_ID},
	{"package", COLUMN_ID},
	{"appidentifier", COLUMN_ID},
	{"applicationidentifier", COLUMN_ID},
	{"extensionid", COLUMN_ID},
	{"identifier", COLUMN_ID},
	{"appid", COLUMN_ID},
	{"applicationname", COLUMN_NAME},
	{"appname", COLUMN_NAME},
	{"applicationtitle", COLUMN_NAME},
	{"cfbundledisplayname", COLUMN_NAME},
	{"displayname", COLUMN_NAME},
	{"softwarename", COLUMN_NAME},
	{"software", COLUMN_NAME},
	{"productname", COLUMN_NAME},
	{"product", COLUMN_NAME},
	{"application", COLUMN_NAME},
	{"app", COLUMN_NAME},
	{"title", COLUMN_NAME},
	{"name", COLUMN_NAME},
	{"applicationversion", COLUMN_VERSION},
	{"appversion", COLUMN_VERSION},
	{"applicationshortversion", COLUMN_VERSION},
	{"cfbundleversion", COLUMN_VERSION},
	{"shortversion", COLUMN_VERSION},
	{"version", COLUMN_VERSION},
	{"applicationpath", COLUMN_PATH},
	{"installlocation", COLUMN_PATH},
	{"path", COLUMN_PATH},
	{"applicationpublisher", COLUMN_PUBLISHER},
	{"publisher", COLUMN_PUBLISHER},
	{"vendor", COLUMN_PUBLISHER},
	{"devicename", COLUMN_MACHINE},
	{"computername", COLUMN_MACHINE},
	{"hostname", COLUMN_MACHINE},
	{"device", COLUMN_MACHINE},
	{"computer", COLUMN_MACHINE},
	{"host", COLUMN_MACHINE},
	{"serialnumber", COLUMN_MACHINE},
	{"deviceid", COLUMN_MACHINE},
	{"upn", COLUMN_PERSON},
	{"userprincipalname", COLUMN_PERSON},
	{"primaryuserupn", COLUMN_PERSON},
	{"username", COLUMN_PERSON},
	{"user", COLUMN_PERSON},
	{"emailaddress", COLUMN_PERSON},
};
enum { TITLES = sizeof(titles) / sizeof(*titles), TITLE_SIZE = 32 };

struct reader {
	struct csv_stream csv;
	collected_on *on;
	void *context;
	bool has_titles;
	size_t columns[COLUMNS];
	uint64_t not_understood;
};

/* The row of titles[] that is this title; TITLES for none. */
static size_t title_of(struct view text)
{
	char own[TITLE_SIZE];
	size_t size = 0;
	for (size_t i = 0; i < text.size && size < sizeof(own) - 1; i++) {
		uint8_t c = text.bytes[i];
		c = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			own[size++] = (char)c;
	}
	own[size] = '\0';
	for (size_t i = 0; i < TITLES; i++) {
		if (strcmp(own, titles[i].text) == 0)
			return i;
	}
	return TITLES;
}

/* True when there is something that says an application's id or name. */
static bool take_titles(const struct view *fields, size_t count, size_t columns[static COLUMNS])
{
	size_t best[COLUMNS];
	for (size_t c = 0; c < COLUMNS; c++) {
		best[c] = TITLES;
		columns[c] = NO_COLUMN;
	}
	for (size_t i = 0; i < count; i++) {
		size_t t = title_of(fields[i]);
		enum column c = t < TITLES ? titles[t].column : COLUMNS;
		if (t < TITLES && t < best[c]) {
			best[c] = t;
			columns[c] = i;
		}
	}
	return columns[COLUMN_ID] != NO_COLUMN || columns[COLUMN_NAME] != NO_COLUMN;
}

static struct view field(const struct reader *r, enum column c, const struct view *fields,
                         size_t count)
{
	size_t at = r->columns[c];
	struct view v = at < count ? view_trim(fields[at]) : (struct view){0};
	/* quotes behind a blank are not CSV's, but some programs write them so */
	bool is_quoted = v.size > 1 && v.bytes[0] == '"' && v.bytes[v.size - 1] == '"';
	return is_quoted ? view_of(v.bytes + 1, v.size - 2) : v;
}

static int on_row(void *context, const struct view *fields, size_t count)
{
	struct reader *r = context;
	if (!r->has_titles) {
		r->has_titles = take_titles(fields, count, r->columns);
		r->not_understood += !r->has_titles;
		return OK;
	}
	struct collected_item item = {.kind = COLLECTED_APPLICATION,
	                              .id = field(r, COLUMN_ID, fields, count),
	                              .name = field(r, COLUMN_NAME, fields, count),
	                              .version = field(r, COLUMN_VERSION, fields, count),
	                              .path = field(r, COLUMN_PATH, fields, count),
	                              .publisher = field(r, COLUMN_PUBLISHER, fields, count),
	                              .machine = field(r, COLUMN_MACHINE, fields, count),
	                              .number = r->csv.rows};
	if (item.machine.size == 0)
		item.machine = field(r, COLUMN_PERSON, fields, count);
	if (item.id.size == 0 && item.name.size == 0) {
		r->not_understood++;
		return OK;
	}
	return r->on(r->context, &item);
}

struct probing {
	bool is_known;
};

static int on_first(void *context, const struct view *fields, size_t count)
{
	struct probing *p = context;
	size_t columns[COLUMNS];
	p->is_known = count > 1 && take_titles(fields, count, columns);
	return ERR_DENIED; /* no more rows */
}

int collected_probe_csv(struct view first)
{
	struct probing p = {false};
	struct csv_stream *csv = malloc(sizeof(*csv));
	if (!csv)
		return 0;
	csv_stream_begin(csv, 0, on_first, &p);
	int code = csv_stream_feed(csv, first);
	if (code == OK)
		code = csv_stream_end(csv);
	explicit_bzero(csv, sizeof(*csv));
	free(csv);
	return code == ERR_DENIED && p.is_known ? 40 : 0;
}

static int feed(void *context, struct view block)
{
	struct reader *r = context;
	return csv_stream_feed(&r->csv, block);
}

static int feed_all(struct reader *r, const struct collected_input *in)
{
	csv_stream_begin(&r->csv, csv_stream_separator(in->first), on_row, r);
	int code = collected_feed(in, feed, r);
	return code == OK ? csv_stream_end(&r->csv) : code;
}

int collected_read_csv(const struct collected_input *in, collected_on *on, void *context,
                       struct collected_count *count)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on = on;
	r->context = context;
	int code = feed_all(r, in);
	count->items = r->csv.rows;
	count->not_understood = r->not_understood + r->csv.cut;
	explicit_bzero(r, sizeof(*r));
	free(r);
	return code;
}
