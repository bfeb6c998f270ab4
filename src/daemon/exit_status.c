#include "daemon/exit_status.h"

#include <errno.h>
#include <stddef.h>

#include "base/err.h"

const struct exit_status_row exit_statuses[] = {
	{EXIT_STATUS_OK, "ok", "It was done."},
	{EXIT_STATUS_VERDICT, "verdict",
         "It was done, and the answer is no: blocked, different, or not verified."},
	{EXIT_STATUS_USAGE, "usage",
         "The command line, or a file that a person wrote, is not acceptable."},
	{EXIT_STATUS_POLICY, "policy",
         "The policy image is damaged, of another version, or not signed by the expected key."},
	{EXIT_STATUS_EVIDENCE, "evidence",
         "The evidence log is truncated or altered; it is left as it is."},
	{EXIT_STATUS_IN_USE, "in-use", "A port is in use by another program."},
	{EXIT_STATUS_PERMISSION, "permission", "The system does not permit it to this user."},
	{EXIT_STATUS_RUNNING, "running",
         "Another instance runs with the same run directory, or it is busy with such a request."},
	{EXIT_STATUS_INTERNAL, "internal", "The program or the system failed; the log says how."},
	{EXIT_STATUS_NOT_RUNNING, "not-running",
         "No instance answers in the run directory, so it could not be asked."},
	{EXIT_STATUS_NO_SPACE, "no-space", "The disk is full."},
	{EXIT_STATUS_FOUND, "found", "It was done, and use of a product was found."},
	{EXIT_STATUS_INCOMPLETE, "incomplete",
         "It was done, and nothing was found; but not everything could be read."},
	{EXIT_STATUS_INTERRUPTED, "interrupted", "It was stopped before its end."},
	{0, NULL, NULL},
};

static const struct {
	int code;
	enum exit_status status;
} codes[] = {
	{ERR_MALFORMED, EXIT_STATUS_USAGE},   {ERR_INVALID, EXIT_STATUS_USAGE},
	{ERR_MISSING, EXIT_STATUS_USAGE},     {-ENOENT, EXIT_STATUS_USAGE},
	{-ENOTDIR, EXIT_STATUS_USAGE},        {-EISDIR, EXIT_STATUS_USAGE},
	{-EADDRNOTAVAIL, EXIT_STATUS_USAGE},  {-EAFNOSUPPORT, EXIT_STATUS_USAGE},
	{-EADDRINUSE, EXIT_STATUS_IN_USE},    {-EACCES, EXIT_STATUS_PERMISSION},
	{-EPERM, EXIT_STATUS_PERMISSION},     {-EROFS, EXIT_STATUS_PERMISSION},
	{ERR_DENIED, EXIT_STATUS_PERMISSION}, {-ENOSPC, EXIT_STATUS_NO_SPACE},
	{-EDQUOT, EXIT_STATUS_NO_SPACE},
};

enum exit_status exit_status_of(int code)
{
	if (code >= 0)
		return EXIT_STATUS_OK;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (codes[i].code == code)
			return codes[i].status;
	}
	return EXIT_STATUS_INTERNAL;
}
