/* evidence.h - the evidence of an installation, for commands that read it. */
#pragma once

#include "base/arena.h"
#include "cmd/args.h"
#include "cmd/open_options.h"
#include "record/index.h"
#include "record/log_reader.h"

struct evidence {
	struct arena arena;
	struct writ_options options;
	struct note_verifier verifier; /* from the public key beside the private one */
	const char *log;               /* the log's folder */
	struct log_reader *reader;
	struct index *index; /* NULL until evidence_index() */
};

/* Reads the settings and opens the log. Returns 0, or an exit status after it said what is wrong. */
int evidence_open(const struct args *a, struct evidence *ret);
/* Opens the index, for queries. */
int evidence_index(struct evidence *e);
void evidence_close(struct evidence *e);
