/* writ-verify: checks a log directory, or one entry with its proof, against a public key.
 * Exit status: 0 the evidence holds, 1 it does not, 2 it could not be read or the call was wrong. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_writer.h"
#include "base/timestamp.h"
#include "record/directory.h"
#include "record/proof.h"
#include "record/verify.h"

enum { EXIT_HOLDS, EXIT_BROKEN, EXIT_UNREADABLE };

static const char usage[] =
	"usage: writ-verify LOG --key KEY [--earlier FILE] [--origin ORIGIN] [--json]\n"
	"       writ-verify --proof FILE --entry FILE --key KEY [--origin ORIGIN]\n"
	"\n"
	"  LOG      directory of an evidence log\n"
	"  --key    public key `name+hash+base64`, or a file that holds it\n"
	"  --earlier\n"
	"           a checkpoint of it that was kept: its entries must be the first of the log\n"
	"  --origin name of the log, when it is not the key's\n"
	"  --json   the whole report, for programs\n"
	"\n"
	"Exit status: 0 the evidence holds, 1 it does not, 2 it could not be read.\n";

struct arguments {
	const char *log, *key, *origin, *earlier, *proof, *entry;
	bool json;
};

static int parse_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {{"key", required_argument, NULL, 'k'},
	                                        {"origin", required_argument, NULL, 'o'},
	                                        {"proof", required_argument, NULL, 'p'},
	                                        {"entry", required_argument, NULL, 'e'},
	                                        {"earlier", required_argument, NULL, 's'},
	                                        {"json", no_argument, NULL, 'j'},
	                                        {0}};
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'k': ret->key = optarg; break;
		case 'o': ret->origin = optarg; break;
		case 's': ret->earlier = optarg; break;
		case 'p': ret->proof = optarg; break;
		case 'e': ret->entry = optarg; break;
		case 'j': ret->json = true; break;
		default: return ERR_INVALID;
		}
	}
	ret->log = optind < argc ? argv[optind++] : NULL;
	bool one_task = ret->proof ? ret->entry && !ret->log && !ret->earlier && !ret->json
	                           : ret->log && !ret->entry;
	return optind == argc && ret->key && one_task ? OK : ERR_INVALID;
}

static int read_key(const char *text, struct note_verifier *ret)
{
	struct buffer file = {0};
	int err = note_verifier_parse(view_text(text), ret);
	if (err == OK)
		return OK;
	err = directory_read(AT_FDCWD, text, NOTE_KEY_TEXT_SIZE, &file);
	if (err == OK)
		err = note_verifier_parse(buffer_view(&file), ret);
	buffer_done(&file);
	return err;
}

static void print_json(const struct verify_report *r)
{
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	json_bool(&j, "holds", r->verdict == VERIFY_HOLDS);
	json_text(&j, "sentence", r->sentence);
	if (r->verdict == VERIFY_BROKEN) {
		json_text(&j, "file", r->file);
		json_int(&j, "entry", r->entry);
		json_int(&j, "offset", r->offset);
	}
	json_int(&j, "entries", (int64_t)r->entries);
	json_int(&j, "earlier_entries", (int64_t)r->earlier_entries);
	json_int(&j, "journal_entries", (int64_t)r->journal_entries);
	json_time(&j, "first", r->entries + r->journal_entries ? r->first_us : TIME_MIN);
	json_time(&j, "last", r->entries + r->journal_entries ? r->last_us : TIME_MIN);
	json_int(&j, "gaps", (int64_t)r->gaps);
	json_int(&j, "longest_gap_s", r->longest_gap_us / SECOND_US);
	json_time(&j, "longest_gap_at", r->gaps ? r->longest_gap_at_us : TIME_MIN);
	json_int(&j, "leftovers", (int64_t)r->leftovers);
	json_object_end(&j);
	printf(VIEW_FMT "\n", VIEW_ARG(buffer_view(&out)));
	buffer_done(&out);
}

static int verify_directory(const struct arguments *a, const struct note_verifier *verifier,
                            const struct checkpoint *earlier)
{
	struct verify_report report;
	char at[TIMESTAMP_TEXT_SIZE];
	int err = verify_log(a->log, verifier, a->origin, earlier, &report);
	if (err < 0) {
		fprintf(stderr, "writ-verify: %s: %s\n", a->log, err_text(err));
		return EXIT_UNREADABLE;
	}
	if (a->json)
		print_json(&report);
	else
		printf("%s\n", report.sentence);
	if (!a->json && report.verdict == VERIFY_HOLDS && report.gaps)
		fprintf(stderr,
		        "Note: the log was silent %" PRIu64
		        " times for longer than heartbeats allow, "
		        "longest for %" PRId64 " s from %s.\n",
		        report.gaps, report.longest_gap_us / SECOND_US,
		        timestamp_print(report.longest_gap_at_us, at));
	return report.verdict == VERIFY_HOLDS ? EXIT_HOLDS : EXIT_BROKEN;
}

static int verify_since(const struct arguments *a, const struct note_verifier *verifier)
{
	struct buffer note = {0};
	struct checkpoint earlier;
	int status = EXIT_UNREADABLE;
	int err = directory_read(AT_FDCWD, a->earlier, NOTE_SIZE_MAX, &note);
	if (err == OK)
		err = checkpoint_open(buffer_view(&note), verifier, a->origin, &earlier);
	if (err < 0)
		fprintf(stderr, "writ-verify: --earlier %s: not a checkpoint of this log (%s)\n",
		        a->earlier, err_text(err));
	else
		status = verify_directory(a, verifier, &earlier);
	buffer_done(&note);
	return status;
}

static int check_proof(const struct arguments *a, const struct note_verifier *verifier,
                       struct view text, struct view entry)
{
	struct proof proof;
	struct checkpoint checkpoint;
	int err = proof_parse(text, &proof);
	if (err == OK)
		err = proof_check(&proof, entry, verifier, a->origin, &checkpoint);
	if (err < 0) {
		printf("The proof does not hold: %s.\n",
		       err == ERR_CHECKSUM ? "the entry does not lead to the signed root"
		                           : err_text(err));
		return EXIT_BROKEN;
	}
	printf("The proof holds: this is entry %" PRIu64 " of the %" PRIu64 " that " VIEW_FMT
	       " signed.\n",
	       proof.index, checkpoint.size, VIEW_ARG(checkpoint.origin));
	return EXIT_HOLDS;
}

static int verify_proof(const struct arguments *a, const struct note_verifier *verifier)
{
	struct buffer text = {0}, entry = {0};
	int status = EXIT_UNREADABLE;
	const char *file = a->proof;
	int err = directory_read(AT_FDCWD, file, NOTE_SIZE_MAX, &text);
	if (err == OK) {
		file = a->entry;
		err = directory_read(AT_FDCWD, file, NOTE_SIZE_MAX, &entry);
	}
	if (err < 0)
		fprintf(stderr, "writ-verify: %s: %s\n", file, err_text(err));
	else
		status = check_proof(a, verifier, buffer_view(&text), buffer_view(&entry));
	buffer_done(&text);
	buffer_done(&entry);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments a = {0};
	struct note_verifier verifier;
	if (sodium_init() < 0 || parse_arguments(argc, argv, &a) < 0) {
		(void)fputs(usage, stderr);
		return EXIT_UNREADABLE;
	}
	int err = read_key(a.key, &verifier);
	if (err < 0) {
		fprintf(stderr,
		        "writ-verify: --key %s: not a public key, nor a file that holds one (%s)\n",
		        a.key, err_text(err));
		return EXIT_UNREADABLE;
	}
	if (a.proof)
		return verify_proof(&a, &verifier);
	return a.earlier ? verify_since(&a, &verifier) : verify_directory(&a, &verifier, NULL);
}
