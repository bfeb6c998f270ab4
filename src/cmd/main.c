#include <locale.h>
#include <sodium.h>
#include <stdio.h>

#include "cmd/command.h"
#include "daemon/exit_status.h"
#include "daemon/run.h"

int main(int argc, char **argv)
{
	/* the letters of a terminal and the texts of the system; numbers and times are as in the files */
	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_MESSAGES, "");
	if (sodium_init() < 0) {
		fputs("writ: libsodium cannot be initialised\n", stderr);
		return EXIT_STATUS_INTERNAL;
	}
	int role = daemon_role_main(argc, argv);
	if (role >= 0)
		return role;
	int status = command_run(argc, argv);
	/* a disk may be full */
	if (status == EXIT_STATUS_OK && (fflush(stdout) != 0 || ferror(stdout))) {
		fputs("writ: the answer could not be written\n", stderr);
		status = EXIT_STATUS_INTERNAL;
	}
	return status;
}
