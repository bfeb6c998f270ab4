/* log_paloalto.c - Palo Alto firewalls: columns, whose places depend on the type of the line.
 *
 * Source: PAN-OS, "Syslog Field Descriptions": Traffic, Threat, URL Filtering and Decryption Log Fields. Newer versions
 *         only add columns behind. Of the columns for "future use" there are several. */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

enum { TYPE_COLUMN = 3, SUBTYPE_COLUMN = 4 };

struct place {
	uint8_t column, field;
};

#define WHO                  \
	{7, LOG_CLIENT},     \
	{                    \
		12, LOG_USER \
	}
static const struct place traffic[] = {{6, LOG_TIME},  WHO, {8, LOG_DESTINATION}, {32, LOG_UP},
                                       {33, LOG_DOWN}, {0}};
/* how much there was is said at the end */
static const struct place begun[] = {{6, LOG_TIME}, WHO, {8, LOG_DESTINATION}, {0}};
static const struct place url[] = {{6, LOG_TIME}, WHO, {8, LOG_DESTINATION}, {31, LOG_URL}, {0}};
/* a name that a resolver was asked for: the other end is the resolver */
static const struct place spyware[] = {{6, LOG_TIME}, WHO, {31, LOG_URL}, {0}};
static const struct place decryption[] = {
	{6, LOG_TIME}, WHO, {8, LOG_DESTINATION}, {63, LOG_HOST}, {0}};

static const struct kind_of_line {
	const char *type, *subtype; /* NULL: any other */
	const struct place *places; /* NULL: it says nothing */
} kinds[] = {{"TRAFFIC", "start", begun},
             {"TRAFFIC", NULL, traffic},
             {"THREAT", "url", url},
             {"THREAT", "spyware", spyware},
             {"THREAT", NULL, begun},
             {"DECRYPTION", NULL, decryption},
             {"SYSTEM", NULL, NULL},
             {"CONFIG", NULL, NULL},
             {"HIPMATCH", NULL, NULL},
             {"HIP-MATCH", NULL, NULL},
             {"CORRELATION", NULL, NULL},
             {"USERID", NULL, NULL},
             {"GLOBALPROTECT", NULL, NULL},
             {"TUNNEL", NULL, NULL},
             {"SCTP", NULL, NULL},
             {"GTP", NULL, NULL},
             {"AUTHENTICATION", NULL, NULL},
             {"AUTH", NULL, NULL},
             {"IPTAG", NULL, NULL},
             {"AUDIT", NULL, NULL},
             {"WILDFIRE", NULL, NULL},
             {"DATA", NULL, NULL},
             {0}};

static const struct kind_of_line *find_kind(struct view type, struct view subtype)
{
	for (const struct kind_of_line *k = kinds; k->type; k++) {
		if (view_is(type, k->type) && (!k->subtype || view_is(subtype, k->subtype)))
			return k;
	}
	return NULL;
}

/* 2026-01-15T10:00:00.123+01:00: the same time again, with its zone, somewhere behind. */
static bool is_zoned(struct view v)
{
	return v.size == sizeof("2026-01-15T10:00:00.123+01:00") - 1 && v.bytes[4] == '-' &&
	       v.bytes[10] == 'T' && v.bytes[19] == '.' &&
	       (v.bytes[23] == '+' || v.bytes[23] == '-');
}

static void set_column(const struct place *places, unsigned at, struct view value,
                       struct log_record *ret)
{
	if (at > 33 && is_zoned(value)) {
		ret->at_us = TIME_MIN;
		log_record_set(ret, LOG_TIME, value);
	}
	for (const struct place *p = places; p->field; p++) {
		if (p->column == at)
			log_record_set(ret, p->field, value);
	}
}

static unsigned last_column(const struct place *places)
{
	unsigned last = 0;
	for (; places->field; places++)
		last = places->column > last ? places->column : last;
	return last;
}

static int parse_paloalto(const struct log_kind *kind, struct log_state *state, struct view line,
                          struct log_record *ret)
{
	struct view rest = line, column[SUBTYPE_COLUMN + 1];
	unsigned at = 0;
	(void)kind;
	(void)state;
	for (int i = 0; i <= SUBTYPE_COLUMN; i++) {
		if (!log_column_next(&rest, ',', &column[i]))
			return ERR_MALFORMED;
	}
	/* the first line of what was exported: the names of its columns */
	if (view_is(column[TYPE_COLUMN], "Type") && view_is(column[1], "Receive Time"))
		return LOG_SILENT;
	const struct kind_of_line *k = find_kind(column[TYPE_COLUMN], column[SUBTYPE_COLUMN]);
	if (!k)
		return ERR_MALFORMED;
	if (!k->places)
		return LOG_SILENT;
	for (struct view value; log_column_next(&line, ',', &value); at++)
		set_column(k->places, at, value, ret);
	return at > last_column(k->places) ? OK : ERR_MALFORMED;
}

static const struct log_kind paloalto = {
	.dialect = {LINE_ENDS_PERCENT, true}, .parse = parse_paloalto, .sure = 90};
LOG_FORMAT(paloalto, paloalto)
