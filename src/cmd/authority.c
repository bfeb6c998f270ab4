#include "cmd/authority.h"

#include <errno.h>
#include <stdio.h>

#include "base/json_writer.h"
#include "cmd/args.h"
#include "cmd/open_options.h"
#include "cmd/output.h"
#include "daemon/authority_files.h"
#include "daemon/exit_status.h"
#include "net/certificate_facts.h"
#include "source/file.h"

enum { CERTIFICATE_SIZE_MAX = 256 * 1024 };

const struct option authority_show_options[] = {OPTION_JSON, OPTION_CONFIG, {0}};

const char authority_show_text[] =
	"It is made by the first `writ run` whose settings offer TLS or HTTPS without a certificate. The file can "
	"be given to anybody; only authority.key beside it is secret. People who install it by hand compare the "
	"fingerprint.";

/* Where it goes, by kind of client. */
static const char places[] =
	"Debian, Ubuntu  copy to /usr/local/share/ca-certificates/NAME.crt, then update-ca-certificates\n"
	"Red Hat         copy to /etc/pki/ca-trust/source/anchors/, then update-ca-trust\n"
	"Windows         group policy: Public Key Policies, Trusted Root Certification Authorities\n"
	"macOS, iOS      a configuration profile with the certificate\n"
	"Firefox         policy Certificates: Install\n"
	"Chrome, Edge    the system's; on Linux certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n NAME -i FILE\n";

static int read_certificate(const struct args *a, struct arena *arena, const char **ret_path,
                            struct buffer *ret)
{
	struct writ_options options;
	int status = open_options(a, arena, &options);
	if (status != EXIT_STATUS_OK)
		return status;
	*ret_path = arena_printf(arena, "%s/" AUTHORITY_CERTIFICATE_FILE,
	                         options.dns.server.authority_directory);
	int code = *ret_path ? file_read(*ret_path, CERTIFICATE_SIZE_MAX, ret) : -ENOMEM;
	if (code < 0)
		fprintf(stderr,
		        "writ: cannot read %s: %s; `writ run` makes it where dns.tls or dns.https "
		        "listens without a certificate\n",
		        *ret_path ? *ret_path : "", err_text(code));
	return (int)exit_status_of(code);
}

static int print_json(const char *path, const struct certificate_facts *f, const struct buffer *pem)
{
	char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_object_begin(&j, NULL);
	json_text(&j, "file", path);
	json_text(&j, "sha256", certificate_fingerprint(f, fingerprint));
	json_time(&j, "from", f->from_us);
	json_time(&j, "until", f->until_us);
	json_view(&j, "pem", buffer_view(pem));
	json_object_end(&j);
	return output_json(&out);
}

static void print_text(const char *path, const struct certificate_facts *f,
                       const struct buffer *pem)
{
	char fingerprint[CERTIFICATE_FINGERPRINT_SIZE], until[TIMESTAMP_TEXT_SIZE];
	printf("file     %s\nsha-256  %s\nuntil    %s\n\n", path,
	       certificate_fingerprint(f, fingerprint), timestamp_print(f->until_us, until));
	(void)fwrite(pem->bytes, 1, pem->size, stdout);
	printf("\nClients must trust it:\n%s", places);
}

int cmd_authority_show(const struct command *c, int argc, char **argv)
{
	struct args a;
	struct arena arena;
	struct buffer pem = {0};
	struct certificate_facts facts;
	const char *path = NULL;
	int r = args_parse(c, argc, argv, &a);
	if (r)
		return r;
	arena_init(&arena, 0);
	r = read_certificate(&a, &arena, &path, &pem);
	if (r == EXIT_STATUS_OK && certificate_facts_read(buffer_view(&pem), 0, &facts) < 0) {
		fprintf(stderr, "%s: no certificate can be read, expected PEM\n", path);
		r = EXIT_STATUS_USAGE;
	}
	if (r == EXIT_STATUS_OK && args_has(&a, "--json"))
		r = print_json(path, &facts, &pem);
	else if (r == EXIT_STATUS_OK)
		print_text(path, &facts, &pem);
	buffer_done(&pem);
	arena_done(&arena);
	return r;
}
