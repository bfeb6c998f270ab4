/* name_list.h - reads the public formats of domain lists, one name at a time.
 *
 * What:    a pure parser over the text of a whole list; no allocation (but for international names).
 *          Each format means what its users expect:
 *
 *	plain     example.com            the name and all below it (`*.example.com`: only below)
 *	hosts     0.0.0.0 a.example      exactly that name, as Pi-hole and /etc/hosts have it; names of
 *	                                 the machine itself (localhost) are skipped, and a name at an
 *	                                 address that leads somewhere is a problem
 *	adblock   ||example.com^         the name and all below it; `@@||example.com^` is an exception;
 *	                                 a bare name is exactly that name
 *	dnsmasq   address=/a.example/    the name and all below it; server= and local= alike, unless
 *	                                 they name a server; `server=/a.example/#` is an exception
 *	rpz       a.example CNAME .      exactly that name, `*.a.example` only below it; an exception
 *	                                 when the target is rpz-passthru.
 *
 * Fails:   never as a whole. A line that cannot be used is a problem with its place and what was
 *          expected, and the next call goes on with the next line.
 * Source:  hosts(5), AdGuard DNS filtering syntax, dnsmasq(8), draft-vixie-dnsop-dns-rpz, RFC 1035 s5.
 * To add another format: a constant here, a row in formats[] in name_list.c, its reader beside the others
 * in name_list_line.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "base/view.h"
#include "policy/name_index.h"
#include "policy/name_index_builder.h"
#include "wire/dname.h"

enum name_list_format {
	NAME_LIST_AUTO, /* decided by the first lines that are not comments */
	NAME_LIST_PLAIN,
	NAME_LIST_HOSTS,
	NAME_LIST_ADBLOCK,
	NAME_LIST_DNSMASQ,
	NAME_LIST_RPZ,
};

/* "plain", "hosts", ... */
const char *name_list_format_text(enum name_list_format format);

enum name_list_kind {
	NAME_LIST_END,
	NAME_LIST_NAME,      /* name and rule are set */
	NAME_LIST_EXCEPTION, /* name and rule are set: the list says that these are not meant */
	NAME_LIST_PROBLEM,   /* column and expected are set */
};

struct name_list_entry {
	enum name_rule rule;
	unsigned line, column; /* from 1 */
	const char *expected;  /* static text: "a domain name, such as example.com" */
	struct dname name;
};

struct name_list {
	enum name_list_format format; /* after name_list_open() never AUTO */
	size_t skipped;               /* lines without a name: blank, comment, header of a zone */
	/* below: private */
	unsigned line;
	struct view rest;         /* lines not begun yet */
	struct view whole;        /* the line being read */
	struct view left;         /* what of it is still to be read */
	bool is_begun;            /* some of it has been read */
	enum name_list_kind kind; /* what the names left in it are */
	/* of zones */
	unsigned open_count; /* parentheses */
	bool has_zone;
	struct dname zone, origin, owner;
};

/* `text` is borrowed until the last call of name_list_next(). A byte order mark is ignored. */
void name_list_open(struct view text, enum name_list_format format, struct name_list *ret);
enum name_list_kind name_list_next(struct name_list *list, struct name_list_entry *ret);

enum { NAME_LIST_PROBLEMS_SHOWN = 100 };

struct name_list_source {
	const char *file; /* as problems name it */
	struct view text;
	enum name_list_format format;
	uint32_t value;     /* for names */
	uint32_t exception; /* for exceptions; equal to `value`: they are counted and not added */
};

struct name_list_counts {
	enum name_list_format format; /* the one that was found */
	size_t names, exceptions, skipped, problems;
};

/* Adds a whole list. The first NAME_LIST_PROBLEMS_SHOWN problems go to `problems`, all are counted.
 * Fails only as name_index_builder_add() does. */
int name_list_add(const struct name_list_source *source, struct name_index_builder *builder,
                  struct problems *problems, struct name_list_counts *ret) must_check;
